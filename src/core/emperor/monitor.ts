/** Where vassals are looked for: a directory, or a pattern for the names of files. `dir://` and `glob://` say which, as in uWSGI. */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { isVassalName } from '../config/vassal-name.ts';
import { PlanError } from '../errors/plan.ts';

/** A config file that a vassal is to be run for. */
export interface VassalFile {
  /** Absolute. */
  readonly path: string;
  /** As uWSGI calls the vassal: the file's name in a directory, its path where a pattern found it. */
  readonly id: string;
  /** Where the vassal works. */
  readonly directory: string;
  /** The monitor that found it, as it was written. */
  readonly monitor: string;
  /** Another one, when the file has changed or was touched. */
  readonly version: string;
  /** Seconds since 1970. */
  readonly modifiedAt: number;
  readonly owner: Owner;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What counts as a vassal. */
export interface Look {
  /** With their dots, besides those of config files. */
  readonly moreExtensions: readonly string[];
  /** Of a symbolic link, its own changes count, or its own owner. */
  readonly watchesLinks: boolean;
  readonly ownsLinks: boolean;
}

export interface Monitor {
  /** As written. */
  readonly text: string;
  /** The directories in which something may happen that matters. */
  folders(): readonly string[];
  /**
   * The files that are there now.
   *
   * @throws Error of the file system where that cannot be told
   */
  look(what: Look): readonly VassalFile[];
}

/** What a pattern is known by. */
const WILDCARD = /[*?[]/;

/**
 * @param directory from where relative paths are seen
 * @throws PlanError for a monitor that uWSGI has as a plugin
 */
export function monitorOf(text: string, directory: string): Monitor {
  const [, scheme, rest = text] = /^([a-z]+):\/\/(.*)$/.exec(text) ?? [];
  const path = resolve(directory, rest);
  if (scheme === 'glob') return patternMonitor(text, path, directory);
  if (scheme === 'dir') return directoryMonitor(text, path);
  if (scheme !== undefined) throw PlanError.unknownMonitor(text, scheme);
  const isPattern = WILDCARD.test(rest) || statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return isPattern ? patternMonitor(text, path, directory) : directoryMonitor(text, path);
}

function directoryMonitor(text: string, path: string): Monitor {
  return {
    text,
    folders: () => [path],
    look: (what) => namesIn(path).flatMap((name) => inspect(join(path, name), { id: name, directory: path, monitor: text }, what)),
  };
}

/** A directory that is not there holds nothing, and may come. */
function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function patternMonitor(text: string, pattern: string, directory: string): Monitor {
  const find = (): readonly string[] => (WILDCARD.test(pattern) ? matching(pattern) : [pattern]);
  return {
    text,
    folders: () => [...new Set([...(WILDCARD.test(dirname(pattern)) ? [] : [dirname(pattern)]), ...find().map((path) => dirname(path))])],
    look: (what) => find().flatMap((path) => inspect(path, { id: path, directory, monitor: text }, what)),
  };
}

function matching(pattern: string): readonly string[] {
  // Loaded only where there is a pattern.
  const { globSync } = createRequire(import.meta.url)('tinyglobby') as typeof import('tinyglobby');
  return globSync(pattern, { absolute: true, expandDirectories: false }).sort();
}

/** The file as a vassal's, or nothing where it is none, or gone by now. */
function inspect(path: string, where: Pick<VassalFile, 'id' | 'directory' | 'monitor'>, what: Look): readonly VassalFile[] {
  if (!isVassalName(basename(path), what.moreExtensions)) return [];
  const target = statSync(path, { throwIfNoEntry: false });
  if (target?.isFile() !== true) return [];
  const link = lstatSync(path, { throwIfNoEntry: false }) ?? target;
  const { mtimeMs, ino } = what.watchesLinks ? link : target;
  const { uid, gid } = what.ownsLinks ? link : target;
  return [{ path, ...where, version: `${mtimeMs} ${ino}`, modifiedAt: Math.floor(mtimeMs / 1000), owner: { uid, gid } }];
}
