/**
 * The parts of the config language that decide about other lines:
 *
 *     if-env = NAME[=VALUE]   if-opt = KEY[=VALUE]   if-exists   if-file   if-dir   if-plugin   if-hostname   if-hostname-match   if-reload
 *     if-not-… of each        else                   until  endif | end-if | end
 *     for = a b c             for-times = 3          for-glob = *.ini          for-readline = FILE          until  endfor | end-for | end
 *
 * `%(_)` in the lines between is what was tested, or the turn of the loop. As in uWSGI a loop repeats each of its lines on its own, and
 * blocks do not nest.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { createRequire } from 'node:module';
import { ConfigLanguageError } from '../errors/config.ts';
import type { OptionEntry } from '../options/entry.ts';
import type { ConfigSurroundings } from './surroundings.ts';

/** The values for `%(_)` in the lines of a block: none when it is skipped; undefined leaves the text as it is. */
export type Turns = readonly (string | undefined)[];

export interface Block {
  readonly opener: OptionEntry;
  readonly turns: Turns;
  /** What holds behind an `else`. */
  readonly otherwise: Turns;
}

interface LogicContext {
  readonly surroundings: ConfigSurroundings;
  /** What has been read so far. */
  readonly entries: readonly OptionEntry[];
}

type Opener = (argument: string, context: LogicContext, entry: OptionEntry) => { turns: Turns; otherwise: Turns };

const SKIPPED: Turns = [];

/** Nobody needs more, and a slip of the finger must not take all memory. */
const MOST_TURNS = 10_000;

/** Plugins of uWSGI whose work is done here. */
const BUILT_IN = /^(python[\d.]*|http|corerouter)$/;

const ENDS: ReadonlySet<string> = new Set(['end', 'endif', 'end-if', 'endfor', 'end-for']);

/** Whether this key closes a block; any of them closes any block. */
export function isEnd(name: string): boolean {
  return ENDS.has(name);
}

/** The block that this entry opens, or undefined when it opens none. */
export function openBlock(entry: OptionEntry, context: LogicContext): Block | undefined {
  const open = OPENERS[entry.name];
  return open && { opener: entry, ...open(entry.text, context, entry) };
}

/** The lines that one line of a block stands for. */
export function repeat(entry: OptionEntry, turns: Turns): OptionEntry[] {
  return turns.map((turn) => (turn === undefined ? entry : { ...entry, text: entry.text.replaceAll('%(_)', () => turn) }));
}

type Test = (argument: string, context: LogicContext) => boolean;

/** A condition with its negation, under all its spellings. What was tested is `%(_)` either way. */
function condition(spellings: readonly string[], holds: Test): Record<string, Opener> {
  const open =
    (wanted: boolean): Opener =>
    (argument, context) => {
      const applies = holds(argument, context) === wanted;
      return { turns: applies ? [argument] : SKIPPED, otherwise: applies ? SKIPPED : [argument] };
    };
  return Object.fromEntries(
    spellings.flatMap((one) => [
      [`if-${one}`, open(true)],
      [`if${one}`, open(true)],
      [`if-not-${one}`, open(false)],
      [`ifnot${one}`, open(false)],
    ]),
  );
}

/** `NAME` or `NAME=VALUE`, about something that has a value, which is `%(_)`. */
function comparison(name: string, find: (key: string, context: LogicContext) => string | undefined): Record<string, Opener> {
  const open =
    (wanted: boolean): Opener =>
    (argument, context) => {
      const equals = argument.indexOf('=');
      const value = find(equals === -1 ? argument : argument.slice(0, equals), context);
      const holds = equals === -1 ? value !== undefined : value === argument.slice(equals + 1);
      return holds === wanted ? { turns: [value], otherwise: SKIPPED } : { turns: SKIPPED, otherwise: [value] };
    };
  return { [`if-${name}`]: open(true), [`if${name}`]: open(true), [`if-not-${name}`]: open(false), [`ifnot${name}`]: open(false) };
}

function loop(turnsOf: (argument: string, context: LogicContext, entry: OptionEntry) => readonly string[]): Opener {
  return (argument, context, entry) => ({ turns: turnsOf(argument, context, entry), otherwise: SKIPPED });
}

const OPENERS: Readonly<Record<string, Opener>> = {
  ...comparison('env', (name, { surroundings }) => surroundings.environment[name]),
  ...comparison('opt', (key, { entries }) => entries.find(({ name, isBare }) => name === key && !isBare)?.text),
  ...condition(['exists'], existsSync),
  ...condition(['file'], (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true),
  ...condition(['dir', 'directory'], (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true),
  ...condition(['plugin'], (name) => BUILT_IN.test(name)),
  ...condition(['hostname'], (name, { surroundings }) => surroundings.hostname === name),
  ...condition(['hostname-match'], (pattern, { surroundings }) => matches(pattern, surroundings.hostname)),
  ...condition(['reload'], (_, { surroundings }) => surroundings.isReload),
  for: loop((items) => items.split(' ').filter((item) => item !== '')),
  'for-times': loop((times, _, entry) => countTo(Number.parseInt(times, 10) || 0, entry)),
  'for-glob': loop(findFiles),
  'for-readline': loop((path, _, entry) => readLines(path, entry)),
};

function countTo(last: number, { origin }: OptionEntry): readonly string[] {
  if (last > MOST_TURNS) throw ConfigLanguageError.tooManyTurns(MOST_TURNS, origin);
  return Array.from({ length: Math.max(0, last) }, (_, at) => String(at + 1));
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}

/** As glob(3) with GLOB_NOCHECK: in the order of names, and the pattern itself where nothing matches. */
function findFiles(pattern: string): readonly string[] {
  // Loaded only where a file asks for it.
  const { globSync } = createRequire(import.meta.url)('tinyglobby') as typeof import('tinyglobby');
  const found = globSync(pattern, { onlyFiles: false, expandDirectories: false, absolute: isAbsolute(pattern) });
  return found.length === 0 ? [pattern] : found.map((path) => path.replace(/\/$/, '')).sort();
}

function readLines(path: string, entry: OptionEntry): readonly string[] {
  try {
    return readFileSync(path, 'utf8').replace(/\n$/, '').split('\n');
  } catch {
    throw ConfigLanguageError.unreadableLines(path, entry.origin);
  }
}
