/**
 * Magic variables: `%` and a letter, replaced in the raw text of a config file before it is parsed, in comments too.
 *
 *     %v working directory   %V version   %h host name   %k processors   %t %T start time in s, µs   %[ escape character
 *     %u %U uid, user name   %g %G gid, group name       %b this program
 *     of the file:  %o as given   %p full path   %s name   %n name without its last extension   %e that extension
 *                   %d folder with a slash at the end   %c last part of the folder   %0 … %9 parts of the folder
 *                   %x section   %i inode   %j hash of the path
 *     %O %P %S %N %E %D %C %X %I %J  the same of the first file that an option named
 *     %% is a percent sign, %( begins a placeholder; whatever else follows is removed with its percent sign, a line's end too
 */
import { lstatSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import type { ConfigSurroundings } from './surroundings.ts';

/** A line of text and where it stood. */
export interface PlacedLine {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

export interface MagicText {
  readonly lines: readonly PlacedLine[];
  readonly losses: readonly Loss[];
}

/** What was removed because it is no variable. */
export interface Loss {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

/** Of a file, its variables by letter, in small letters; each is worked out when it is asked for. */
export type FileVariables = Readonly<Record<string, () => string>>;

const OF_FILES = 'opsnedcxij0123456789';

/** The variables of a file named so; without a real file, only its name is known. */
export function fileVariables(given: string, section: string | undefined, directory: string): FileVariables {
  const always = { o: () => given, x: () => section ?? '' };
  if (given === '-' || /^[a-z]+:\/\//.test(given)) return always;
  const path = resolve(directory, given);
  const folder = dirname(path);
  const parts = folder.split('/').slice(1);
  const name = basename(path);
  const extension = extname(name);
  return {
    ...always,
    p: () => path,
    s: () => name,
    n: () => name.slice(0, name.length - extension.length),
    e: () => extension.slice(1),
    d: () => (folder === '/' ? folder : `${folder}/`),
    c: () => basename(folder),
    i: () => String(lstatSync(path).ino),
    j: () => hash(path),
    ...Object.fromEntries(parts.slice(0, 10).map((part, at) => [String(at), () => part])),
  };
}

/** Everything that a variable may stand for. */
export interface MagicVariables {
  readonly own: FileVariables;
  /** Those of the first file that an option named. */
  readonly first: FileVariables;
  readonly surroundings: ConfigSurroundings;
}

/** Those that have a value, by letter; without %G, since nothing asks for it often enough to look up the group's name. */
export function magicTable(variables: MagicVariables): Readonly<Record<string, string>> {
  const letters = `%([bghktTuUvV${OF_FILES}${OF_FILES.toUpperCase()}`.matchAll(/./g);
  const table = new Map<string, string>();
  for (const [letter] of letters) {
    const value = valueOf(letter, variables) ?? '';
    if (value !== '') table.set(letter, value);
  }
  return Object.fromEntries(table);
}

/** Replaces every magic variable. A percent sign at the end of a line joins it with the next one, as in uWSGI. */
export function replaceMagic(lines: readonly PlacedLine[], variables: MagicVariables): MagicText {
  const done: PlacedLine[] = [];
  const losses: Loss[] = [];
  let isJoined = false;
  for (const placed of lines) {
    const { text, lost } = replaceLine(placed.text, variables);
    losses.push(...lost.map((what) => ({ path: placed.path, line: placed.line, what })));
    const last = isJoined ? done.pop() : undefined;
    done.push(last ? { ...last, text: last.text + text } : { ...placed, text });
    isJoined = lost.includes('%');
  }
  return { lines: done, losses };
}

/** One line with its variables replaced, and what was removed; a percent sign alone stood at the end. */
function replaceLine(line: string, variables: MagicVariables): { text: string; lost: readonly string[] } {
  const lost: string[] = [];
  const text = line.replaceAll(/%(.?)/gs, (whole, letter: string) => {
    const value = valueOf(letter, variables);
    if (value === undefined) lost.push(whole);
    return value ?? '';
  });
  return { text, lost };
}

function valueOf(letter: string, { own, first, surroundings }: MagicVariables): string | undefined {
  if (letter === '') return undefined;
  if (letter === '%') return '%';
  if (letter === '(') return '%(';
  if (OF_FILES.includes(letter)) return own[letter]?.() ?? '';
  const small = letter.toLowerCase();
  if (letter !== small && OF_FILES.includes(small)) return first[small]?.() ?? '';
  return ofTheProcess(letter, surroundings);
}

function ofTheProcess(letter: string, surroundings: ConfigSurroundings): string | undefined {
  switch (letter) {
    case 'v':
      return surroundings.directory;
    case 'V':
      return surroundings.version;
    case 'h':
      return surroundings.hostname;
    case 'k':
      return String(surroundings.processors);
    case 't':
      return String(Math.floor(surroundings.startedUs / 1_000_000));
    case 'T':
      return String(surroundings.startedUs);
    case 'b':
      return surroundings.program;
    case 'u':
      return String(surroundings.user().uid);
    case 'U':
      return surroundings.user().name;
    case 'g':
      return String(surroundings.user().gid);
    case 'G':
      return surroundings.user().group;
    case '[':
      return '\u001B';
    default:
      return undefined;
  }
}

/** Bernstein's hash in its XOR form over 32 bits, as eight hexadecimal digits of its bytes in the order of memory. */
function hash(path: string): string {
  let value = 5381;
  for (const byte of Buffer.from(path)) value = (Math.imul(value, 33) ^ byte) >>> 0;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString('hex').toUpperCase();
}
