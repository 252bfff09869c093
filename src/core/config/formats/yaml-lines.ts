/**
 * The YAML of the line parser that uWSGI brings along: `key: value`, below the name of a section. It takes much that is no YAML:
 *
 *     log-format: %(addr)     a value that begins with a sign which means something in YAML
 *     route-run: log:a: b     a colon inside a value
 *     <tab>master: true       tabs as indentation
 *
 * What a line means in YAML it means here too: quotes, lists and comments, which that parser does not know. And where that parser stops
 * without a word, `key=value` and `key:value` are read, and anything else is an error.
 */
import { type ConfigComment, type ConfigDocument, type ConfigPair, type Oddity, SyntaxProblem } from './document.ts';
import { yamlText } from './write-yaml.ts';
import { withoutValue } from './yaml-section.ts';
import { parseYaml } from './yaml-tree.ts';

/**
 * @param problem why the text is no YAML.
 * @throws SyntaxProblem
 */
export function readYamlLines(text: string, section: string, problem: SyntaxProblem): ConfigDocument {
  const reader = new LineReader(section, problem);
  text.split('\n').forEach((line, index) => reader.read(line, index + 1));
  reader.endKey();
  // Nothing was understood, so what YAML says about it is the best that can be said.
  if (!reader.sections.includes(section)) throw problem;
  const { pairs, comments, oddities } = reader;
  if (!oddities.some(({ rule }) => rule !== 'yaml-no-value')) oddities.unshift(noYaml(problem));
  return { pairs, sections: [...new Set(reader.sections)], comments, oddities };
}

/** A line at its first `:` or `=`. */
interface KeyLine {
  readonly key: string;
  /** `: ` is the one of YAML. */
  readonly sign: ': ' | ':' | '=';
  readonly value: string;
}

class LineReader {
  readonly pairs: ConfigPair[] = [];
  readonly sections: string[] = [];
  readonly comments: ConfigComment[] = [];
  readonly oddities: Oddity[] = [];
  readonly #section: string;
  readonly #problem: SyntaxProblem;
  #isInside = false;
  #hasTabs = false;
  /** A key without a value, to which the items below belong. */
  #open: { readonly key: string; readonly line: number; hasItems: boolean } | undefined;

  constructor(section: string, problem: SyntaxProblem) {
    this.#section = section;
    this.#problem = problem;
  }

  read(raw: string, line: number): void {
    const content = raw.trim();
    if (content === '' || /^(---|\.\.\.)(\s|$)/.test(raw)) return;
    if (content.startsWith('#')) this.comments.push({ line, text: content.slice(1).trim() });
    else if (/^[^\s-]/.test(raw)) this.#readHeader(content);
    else if (this.#isInside) this.#readOption(raw, line);
  }

  /** A line without indentation ends a section, and may begin one. */
  #readHeader(content: string): void {
    this.endKey();
    const { key, sign, value } = splitKey(content) ?? {};
    const isHeader = key !== undefined && sign === ': ' && withoutComment(value ?? '') === '';
    // Of several sections of one name the first one with options is read.
    this.#isInside = isHeader && key === this.#section && this.pairs.length === 0;
    if (isHeader) this.sections.push(key);
  }

  endKey(): void {
    if (this.#open?.hasItems === false) this.oddities.push(withoutValue(this.#open.key, this.#open.line));
    this.#open = undefined;
  }

  #readOption(raw: string, line: number): void {
    if (/^ *\t/.test(raw)) this.#tellOfTabs(line);
    const content = raw.trim();
    const item = /^-(?:\s+(.*))?$/.exec(content);
    const text = item ? (item[1] ?? '') : content;
    const pair = splitKey(text);
    if (item && this.#open && pair?.sign !== ': ') this.#readItem(this.#open, text, line);
    else if (pair) this.#readPair(pair, line);
    else throw new SyntaxProblem(line, item ? 'this item belongs to no list' : 'this line is no "key: value"');
  }

  #readItem(open: { readonly key: string; hasItems: boolean }, text: string, line: number): void {
    open.hasItems = true;
    this.#addValue(open.key, text, line);
  }

  #readPair({ key, sign, value }: KeyLine, line: number): void {
    this.endKey();
    if (sign !== ': ') this.oddities.push(wrongSign(key, sign, { value, line }));
    if (withoutComment(value) === '') this.#open = { key, line, hasItems: false };
    else this.#addValue(key, value, line);
  }

  #addValue(key: string, text: string, line: number): void {
    // A text of several lines: the lines below cannot be told from options.
    if (/^[|>]/.test(text)) throw this.#problem;
    const values = yamlValues(text);
    if (values === undefined) this.oddities.push(wantsQuotes(withoutComment(text), line));
    for (const value of values ?? [withoutComment(text)]) this.pairs.push({ key, value, line });
  }

  #tellOfTabs(line: number): void {
    if (this.#hasTabs) return;
    this.#hasTabs = true;
    this.oddities.push(dialect(line, 'YAML knows no tabs as indentation', 'indent all lines with blanks'));
  }
}

function splitKey(content: string): KeyLine | undefined {
  const at = content.search(/[:=]/);
  const key = content.slice(0, at).trim();
  if (at === -1 || key === '') return undefined;
  const value = content.slice(at + 1);
  const sign = content.charAt(at) === '=' ? '=' : /^\S/.test(value) ? ':' : ': ';
  return { key: unquoted(key), sign, value: value.trim() };
}

function unquoted(key: string): string {
  return /^(["'])(.*)\1$/.exec(key)?.[2] ?? key;
}

/** `text # comment`, `# comment`. */
function withoutComment(text: string): string {
  return text.replace(/(^|\s)#.*$/, '').trim();
}

/** What a value is in YAML, if it is a text or a list of them. */
function yamlValues(text: string): readonly string[] | undefined {
  try {
    const [item] = parseYaml(`- ${text}`).documents.flatMap((document) => (document.kind === 'sequence' ? document.items : []));
    const nodes = item?.kind === 'sequence' ? item.items : item ? [item] : [];
    const texts = nodes.flatMap((node) => (node.kind === 'scalar' ? [node.text] : []));
    return texts.length === nodes.length ? texts : undefined;
  } catch (error) {
    if (error instanceof SyntaxProblem) return undefined;
    throw error;
  }
}

function dialect(line: number, message: string, suggestion: string): Oddity {
  return { line, rule: 'yaml-dialect', message, suggestion };
}

function noYaml({ line, message }: SyntaxProblem): Oddity {
  return dialect(line, `this is no YAML: ${message}`, 'correct this line');
}

function wantsQuotes(value: string, line: number): Oddity {
  return dialect(line, `YAML cannot read "${value}" without quotes`, `write ${yamlText(value)}`);
}

function wrongSign(key: string, sign: string, { value, line }: { value: string; line: number }): Oddity {
  return {
    line,
    rule: 'yaml-line',
    message: `there is "${sign}" where ": " belongs, and uWSGI stops reading here`,
    suggestion: `write "${key}: ${withoutComment(value)}"`,
  };
}
