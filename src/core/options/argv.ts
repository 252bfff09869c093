/**
 * The words of a command line, read by the rules of GNU getopt_long as uWSGI uses it:
 *
 *     --name value   --name=value   --na=value     a unique beginning is enough
 *     -p 4   -p4   -Mp4                            letters without argument may share a dash
 *     -C660   --chmod-socket=660                   an optional argument must be attached
 *     app.ini -M                                   bare words may stand anywhere
 *     -M -- -odd.ini                               everything after `--` is a bare word
 *
 * Unlike getopt_long, a beginning that fits several names of one option is not ambiguous.
 */
import {
  AmbiguousOptionError,
  MissingArgumentError,
  UnexpectedArgumentError,
  UnknownOptionError,
  UnsupportedOptionError,
} from '../errors/options.ts';
import type { OptionEntry } from './entry.ts';
import type { Findings } from './findings.ts';
import { allNames, findByLetter, findByName, namesStartingWith, optionOf } from './names.ts';
import type { OptionName } from './registry.ts';
import { isUwsgiOption } from './uwsgi-names.ts';

export interface Argv {
  /** The options in the order of writing. */
  readonly entries: readonly OptionEntry[];
  /** Words that are neither options nor arguments of one. */
  readonly bare: readonly string[];
}

/** Reads all words. A word that cannot be read is noted in `findings`, and reading goes on behind it. */
export function parseArgv(words: readonly string[], findings: Findings): Argv {
  const entries: OptionEntry[] = [];
  const bare: string[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') bare.push(...rest.splice(0));
    else if (word.startsWith('--')) readLong(word, rest);
    else if (word.startsWith('-') && word !== '-') readCluster(word, rest);
    else bare.push(word);
  }
  return { entries, bare };

  function readLong(word: string, following: string[]): void {
    const entry = findings.attempt(() => longOption(word, following));
    if (entry) entries.push(entry);
  }

  function readCluster(word: string, following: string[]): void {
    findings.attempt(() => {
      for (const entry of cluster(word, following)) entries.push(entry);
    });
  }
}

/** `--name`, `--name=value`, or `--name value` with the value taken from the words that follow. */
function longOption(word: string, following: string[]): OptionEntry {
  const equals = word.indexOf('=');
  const written = equals === -1 ? word.slice(2) : word.slice(2, equals);
  const attached = equals === -1 ? undefined : word.slice(equals + 1);
  const { name, option } = resolveName(written);
  const flag = `--${name}`;
  if (attached !== undefined && optionOf(option).arity === 'none') throw new UnexpectedArgumentError(flag, attached);
  return entryFor(name, flag, attached ?? argumentOf(option, flag, following));
}

/** The letters behind one dash; the first that takes an argument takes what is left of the word. */
function* cluster(word: string, following: string[]): Generator<OptionEntry> {
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at);
    const name = findByLetter(letter);
    if (name === undefined) throw unknownLetter(word, letter);
    const flag = `-${letter}`;
    const attached = word.slice(at + 1);
    if (optionOf(name).arity === 'none') {
      yield entryFor(name, flag, '');
      continue;
    }
    yield entryFor(name, flag, attached === '' ? argumentOf(name, flag, following) : attached);
    return;
  }
}

/** The argument of an option that has none attached. A required one swallows the next word, whatever it looks like. */
function argumentOf(name: OptionName, flag: string, following: string[]): string {
  const { arity, metavar = 'VALUE' } = optionOf(name);
  if (arity !== 'required') return '';
  const next = following.shift();
  if (next === undefined) throw new MissingArgumentError(flag, metavar);
  return next;
}

function resolveName(written: string): { name: string; option: OptionName } {
  const exact = findByName(written);
  if (exact !== undefined) return { name: written, option: exact };

  const candidates = namesStartingWith(written).map((name) => ({ name, option: findByName(name) }));
  const [first, ...others] = candidates;
  if (first?.option === undefined || written === '') throw unknownName(written);
  if (others.some(({ option }) => option !== first.option)) {
    throw new AmbiguousOptionError(
      `--${written}`,
      candidates.map(({ name }) => `--${name}`),
    );
  }
  return { name: first.name, option: first.option };
}

function unknownName(written: string): Error {
  const origin = { kind: 'argv', argument: `--${written}` } as const;
  if (isUwsgiOption(written)) return new UnsupportedOptionError(written, origin);
  return new UnknownOptionError(written, origin, asFlags());
}

/** `-master` reads as -m -a -s ter, so the long option may have been meant. */
function unknownLetter(word: string, letter: string): Error {
  const name = word.slice(1).replace(/=.*/s, '');
  const isLongName = name.length > 1 && findByName(name) !== undefined;
  return new UnknownOptionError(`-${isLongName ? name : letter}`, { kind: 'argv', argument: word }, isLongName ? [`--${name}`] : []);
}

function asFlags(): readonly string[] {
  return allNames.map((name) => `--${name}`);
}

function entryFor(name: string, flag: string, text: string): OptionEntry {
  return { name, text, origin: { kind: 'argv', argument: flag } };
}
