/**
 * The regular expressions of rules. They are written for PCRE, as uWSGI has it: bytes, no Unicode. What JavaScript writes in another way is
 * translated; what it cannot do is refused, so that no rule means something else here than there.
 */
import { RuleFlaw } from '../errors/routing.ts';

/** An expression as JavaScript takes it. */
export interface Pattern {
  readonly source: string;
  readonly flags: string;
}

/** Of ASCII, as in the C locale. */
const POSIX_CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  word: '\\w',
  space: '\\t-\\r ',
  blank: '\\t ',
  xdigit: 'A-Fa-f0-9',
  punct: '!-\\/:-@\\[-`{-~',
  print: ' -~',
  graph: '!-~',
  cntrl: '\\x00-\\x1f\\x7f',
};

/** Letters behind a backslash that mean the same, or can be said: outside of [ ], and inside. */
const ESCAPES: Readonly<Record<string, readonly [outside: string, inside: string | undefined]>> = {
  A: ['^', undefined],
  z: ['$', undefined],
  Z: ['(?=\\n?$)', undefined],
  b: ['\\b', '\\b'],
  B: ['\\B', undefined],
  d: ['\\d', '\\d'],
  D: ['\\D', '\\D'],
  w: ['\\w', '\\w'],
  W: ['\\W', '\\W'],
  s: ['[\\t-\\r ]', '\\t-\\r '],
  S: ['[^\\t-\\r ]', undefined],
  h: ['[\\t \\xa0]', '\\t \\xa0'],
  H: ['[^\\t \\xa0]', undefined],
  v: ['[\\n-\\r\\x85]', '\\n-\\r\\x85'],
  R: ['(?:\\r\\n|[\\n-\\r\\x85])', undefined],
  N: ['[^\\n]', undefined],
  a: ['\\x07', '\\x07'],
  e: ['\\x1b', '\\x1b'],
  f: ['\\f', '\\f'],
  n: ['\\n', '\\n'],
  r: ['\\r', '\\r'],
  t: ['\\t', '\\t'],
};

/** What a `(?` may be followed by that JavaScript has as well. */
const SAME_GROUPS = /^\(\?(?::|=|!|<=|<!|<[A-Za-z_]\w*>)/;

/** @throws RuleFlaw with the column of what JavaScript does not have, or of what is no expression in either */
export function translatePattern(text: string): Pattern {
  const leading = /^\(\?([imsx]+)\)/.exec(text);
  const flags = leading?.[1] ?? '';
  if (flags.includes('x')) throw flaw('the modifier x is not supported', 0, 'write the expression without blanks and comments');
  const start = leading?.[0].length ?? 0;
  const source = new Translation(text, start, flags.includes('s')).run();
  const pattern = { source, flags: [...new Set(flags.replace('s', ''))].join('') + (flags.includes('s') ? 's' : '') };
  try {
    new RegExp(pattern.source, pattern.flags);
  } catch (error) {
    const reason = (error as Error).message.replace(/^.*: /s, '').toLowerCase();
    throw new RuleFlaw(`"${text}" is no regular expression: ${reason}`, { column: 1 });
  }
  return pattern;
}

function flaw(message: string, at: number, suggestion?: string): RuleFlaw {
  return new RuleFlaw(message, { column: at + 1, suggestions: suggestion === undefined ? [] : [suggestion] });
}

/** One pass over an expression, piece by piece. */
class Translation {
  readonly #text: string;
  readonly #dotIsAll: boolean;
  #at: number;
  #out = '';

  constructor(text: string, at: number, dotIsAll: boolean) {
    this.#text = text;
    this.#at = at;
    this.#dotIsAll = dotIsAll;
  }

  run(): string {
    while (this.#at < this.#text.length) this.#step();
    return this.#out;
  }

  #step(): void {
    switch (this.#text[this.#at]) {
      case '\\':
        this.#escape(false);
        return;
      case '[':
        this.#set();
        return;
      case '(':
        this.#group();
        return;
      case '.':
        this.#put(this.#dotIsAll ? '.' : '[^\\n]', 1);
        return;
      default:
        this.#literalOrQuantifier();
    }
  }

  #literalOrQuantifier(): void {
    const [quantifier] = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(this.#rest) ?? [];
    if (quantifier === undefined) {
      this.#put(this.#text[this.#at] ?? '', 1);
      return;
    }
    if (this.#text[this.#at + quantifier.length] === '+') {
      throw flaw('possessive quantifiers are not supported', this.#at, `leave the second + of "${quantifier}+" out`);
    }
    this.#put(quantifier, quantifier.length);
    if (this.#text[this.#at] === '?') this.#put('?', 1);
  }

  #group(): void {
    const at = this.#at;
    if (this.#rest.startsWith('(*')) throw flaw('verbs such as (*UTF8) are not supported', at, 'leave it out');
    const [comment] = /^\(\?#[^)]*\)/.exec(this.#rest) ?? [];
    const [named, name] = /^\(\?(?:P<|')([A-Za-z_]\w*)[>']/.exec(this.#rest) ?? [];
    const [reference, referred] = /^\(\?P=([A-Za-z_]\w*)\)/.exec(this.#rest) ?? [];
    if (comment !== undefined) this.#at += comment.length;
    else if (named !== undefined) this.#put(`(?<${name}>`, named.length);
    else if (reference !== undefined) this.#put(`\\k<${referred}>`, reference.length);
    else if (!this.#rest.startsWith('(?')) this.#put('(', 1);
    else this.#otherGroup(at);
  }

  #otherGroup(at: number): void {
    const [same] = SAME_GROUPS.exec(this.#rest) ?? [];
    if (same !== undefined) {
      this.#put(same, same.length);
      return;
    }
    if (this.#rest.startsWith('(?>')) throw flaw('atomic groups are not supported', at, 'write (?: in the place of (?>');
    if (/^\(\?[imsx-]+[:)]/.test(this.#rest)) {
      throw flaw('modifiers are only supported at the beginning of an expression', at, 'put them first: (?i)^/path');
    }
    throw flaw(`groups that begin with "${this.#rest.slice(0, 3)}" are not supported`, at);
  }

  /** A set of characters, from `[` to `]`. */
  #set(): void {
    const at = this.#at;
    const isNegated = this.#text[at + 1] === '^';
    this.#put(isNegated ? '[^' : '[', isNegated ? 2 : 1);
    // A bracket that comes first is a character.
    if (this.#text[this.#at] === ']') this.#put('\\]', 1);
    while (this.#text[this.#at] !== ']') {
      if (this.#at >= this.#text.length) throw flaw('a [ without its ]', at);
      this.#member();
    }
    this.#put(']', 1);
  }

  #member(): void {
    const [posix, negation, name = ''] = /^\[:(\^?)(\w+):\]/.exec(this.#rest) ?? [];
    if (posix !== undefined) {
      const members = POSIX_CLASSES[name];
      if (members === undefined || negation === '^') throw flaw(`${posix} is not supported`, this.#at);
      this.#put(members, posix.length);
    } else if (this.#text[this.#at] === '\\') this.#escape(true);
    else this.#put(this.#text[this.#at] ?? '', 1);
  }

  #escape(isInside: boolean): void {
    const at = this.#at;
    const letter = this.#text[at + 1];
    if (letter === undefined) throw flaw('a backslash at the end', at);
    const [code, digits] = /^\\x\{([0-9A-Fa-f]{1,2})\}/.exec(this.#rest) ?? [];
    const [reference, group] = /^\\g\{?(\d+)\}?/.exec(this.#rest) ?? [];
    const [named, name] = /^\\k(?:\{|<|')(\w+)(?:\}|>|')/.exec(this.#rest) ?? [];
    const [same] = /^\\(?:[^A-Za-z]|x[0-9A-Fa-f]{2}|c[A-Za-z])/s.exec(this.#rest) ?? [];
    const known = ESCAPES[letter]?.[isInside ? 1 : 0];
    if (code !== undefined) this.#put(`\\x${(digits ?? '').padStart(2, '0')}`, code.length);
    else if (reference !== undefined && !isInside) this.#put(`\\${group}`, reference.length);
    else if (named !== undefined && !isInside) this.#put(`\\k<${name}>`, named.length);
    else if (same !== undefined) this.#put(same, same.length);
    else if (known !== undefined) this.#put(known, 2);
    else throw flaw(`"\\${letter}" is not supported${isInside ? ' within [ ]' : ''}`, at);
  }

  get #rest(): string {
    return this.#text.slice(this.#at);
  }

  #put(translated: string, length: number): void {
    this.#out += translated;
    this.#at += length;
  }
}
