/**
 * The words of a command line, read by the rules of GNU getopt_long as uWSGI uses it:
 *
 *     --name value   --name=value   --na=value     a unique beginning is enough
 *     -p 4   -p4   -Mp4                            letters without argument may share a dash
 *     -C660   --chmod-socket=660                   an optional argument must be attached
 *     app.ini -M                                   bare words may stand anywhere
 *     -M -- -odd.ini                               everything after `--` is a bare word
 *     --declare-option app=module=$1 --app shop    what was declared is an option from there on
 *
 * Unlike getopt_long, a beginning that fits several names of one option is not ambiguous.
 */
import { AmbiguousOptionError, MissingArgumentError, UnexpectedArgumentError, UnknownOptionError } from '../errors/options.ts';
import type { OptionEntry } from './entry.ts';
import type { Findings } from './findings.ts';
import { type KnownOption, lookUp, lookUpLetter, namesStartingWith, suggestNames } from './names.ts';

export interface Argv {
  /** The options in the order of writing. */
  readonly entries: readonly OptionEntry[];
  /** Words that are neither options nor arguments of one. */
  readonly bare: readonly string[];
}

/** Reads all words. A word that cannot be read is noted in `findings`, and reading goes on behind it. */
export function parseArgv(words: readonly string[], findings: Findings): Argv {
  const reader = new ArgvReader(words);
  while (reader.hasMore) findings.attempt(() => reader.readWord());
  return reader;
}

/** What the command line must know of an option to read it. */
type Readable = Pick<KnownOption, 'name' | 'arity' | 'metavar'>;

class ArgvReader implements Argv {
  readonly entries: OptionEntry[] = [];
  readonly bare: string[] = [];
  /** The words that were not read yet. */
  readonly #rest: string[];
  /** Options that the command line itself made. */
  readonly #declared = new Map<string, Readable>();

  constructor(words: readonly string[]) {
    this.#rest = [...words];
  }

  get hasMore(): boolean {
    return this.#rest.length > 0;
  }

  readWord(): void {
    const word = this.#rest.shift() ?? '';
    if (word === '--') this.bare.push(...this.#rest.splice(0));
    else if (word.startsWith('--')) this.#readLong(word);
    else if (word.startsWith('-') && word !== '-') this.#readCluster(word);
    else this.bare.push(word);
  }

  /** `--name`, `--name=value`, or `--name value` with the value taken from the words that follow. */
  #readLong(word: string): void {
    const equals = word.indexOf('=');
    const written = equals === -1 ? word.slice(2) : word.slice(2, equals);
    const attached = equals === -1 ? undefined : word.slice(equals + 1);
    const option = this.#declared.get(written) ?? findByBeginning(written);
    const flag = `--${option.name}`;
    if (attached !== undefined && option.arity === 'none') throw new UnexpectedArgumentError(flag, attached);
    this.#add(option, flag, attached ?? this.#argumentOf(option, flag));
  }

  /** The letters behind one dash; the first that takes an argument takes what is left of the word. */
  #readCluster(word: string): void {
    for (let at = 1; at < word.length; at++) {
      const letter = word.charAt(at);
      const option = lookUpLetter(letter);
      if (option === undefined) throw unknownLetter(word, letter);
      const flag = `-${letter}`;
      const attached = option.arity === 'none' ? '' : word.slice(at + 1);
      this.#add(option, flag, attached === '' ? this.#argumentOf(option, flag) : attached);
      if (option.arity !== 'none') return;
    }
  }

  /** The argument of an option that has none attached. A required one swallows the next word, whatever it looks like. */
  #argumentOf({ arity, metavar }: Readable, flag: string): string | undefined {
    if (arity !== 'required') return undefined;
    const next = this.#rest.shift();
    if (next === undefined) throw new MissingArgumentError(flag, metavar);
    return next;
  }

  #add({ name }: Readable, flag: string, text: string | undefined): void {
    const origin = { kind: 'argv', argument: flag } as const;
    this.entries.push(text === undefined ? { name, text: '', isBare: true, origin } : { name, text, origin });
    if (name === 'declare-option' && text !== undefined) this.#declare(text);
  }

  /** `app=module=$1` makes `--app` an option, here with an argument since the template asks for one. */
  #declare(text: string): void {
    const equals = text.indexOf('=');
    const name = text.slice(0, equals);
    const takesArgument = /\$[1-3]/.test(text.slice(equals));
    if (equals > 0) this.#declared.set(name, { name, arity: takesArgument ? 'required' : 'none', metavar: 'VALUE' });
  }
}

/** The option of a name, an alias, or a beginning that no other option shares. It keeps the name that was meant. */
function findByBeginning(written: string): Readable {
  const exact = lookUp(written);
  if (exact !== undefined) return { ...exact, name: written };

  const names = written === '' ? [] : namesStartingWith(written);
  const [option, ...others] = new Set(names.map(lookUp));
  const [first] = names;
  if (option === undefined || first === undefined) throw unknownName(written);
  if (others.length > 0) {
    throw new AmbiguousOptionError(
      `--${written}`,
      names.map((name) => `--${name}`),
    );
  }
  return { ...option, name: first };
}

function unknownName(written: string): Error {
  const likely = suggestNames(written).map((name) => `--${name}`);
  return new UnknownOptionError(written, { kind: 'argv', argument: `--${written}` }, likely);
}

/** `-master` reads as -m -a -s ter, so the long option may have been meant. */
function unknownLetter(word: string, letter: string): Error {
  const name = word.slice(1).replace(/=.*/s, '');
  const isLongName = name.length > 1 && lookUp(name) !== undefined;
  return new UnknownOptionError(`-${isLongName ? name : letter}`, { kind: 'argv', argument: word }, isLongName ? [`--${name}`] : []);
}
