/** A virtual environment as its files show it. Nothing of it is run: this process may still be root, and its files somebody else's. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { VirtualenvError } from '../errors/interpreter.ts';
import { foldersOnTheWay } from '../util/way.ts';

/** The names under which a Python 3 is looked for. */
export const PYTHON_NAMES = ['python3', 'python'];

/** The oldest Python that the runtime is written for. */
const OLDEST = [3, 8] as const;

/** Python's version as 3.11. */
type Version = readonly [major: number, minor: number];

/** pyvenv.cfg (PEP 405), as far as anybody asks. */
interface Settings {
  /** The folder of the Python that it was made with. */
  readonly home: string | undefined;
  readonly version: Version | undefined;
}

/** Where a virtualenv was looked for. */
export interface Written {
  /** As it was written. */
  readonly text: string;
  /** What it was resolved to. */
  readonly path: string;
  /** The same, seen from where the server was started instead of from `chdir`. */
  readonly otherPath: string;
}

/**
 * The interpreter of a virtualenv, or of a folder that holds a whole Python: `home = /usr` is as good.
 *
 * @throws VirtualenvError that says what is wrong and what to do
 */
export function virtualenvInterpreter(written: Written): string {
  const { path } = written;
  checkFolder(written);
  const settings = readSettings(path);
  const libraries = librariesIn(path);
  if (settings === undefined && !libraries.some(isWhole)) throw VirtualenvError.notOne(path, virtualenvNear(path));
  const version = settings === undefined ? newest(libraries.filter(isWhole)) : settings.version;
  if (version !== undefined && isTooOld(version)) throw VirtualenvError.tooOld(path, version.join('.'));
  const candidates = PYTHON_NAMES.map((name) => join(path, 'bin', name));
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  const closed = candidates.flatMap((candidate) => foldersOnTheWay(candidate)).find((folder) => !canEnter(folder));
  if (closed !== undefined) throw VirtualenvError.closed(path, closed);
  throw VirtualenvError.withoutInterpreter(path, lossOf(candidates, settings));
}

/** The Python versions of the packages in a virtualenv and of its interpreter, where they do not fit and both can be told. */
export function versionsApart(path: string, interpreter: string): { packages: string; interpreter: string } | undefined {
  const own = versionIn(basename(realpathSync(interpreter)));
  const packages = librariesIn(path).filter((library) => existsSync(join(library, 'site-packages')));
  if (own === undefined || packages.length === 0) return undefined;
  const versions = packages.map((library) => versionIn(basename(library))?.join('.') ?? '');
  return versions.includes(own.join('.')) ? undefined : { packages: versions.join(', '), interpreter: own.join('.') };
}

/** Where the base Python of the virtualenv of this interpreter was when that was made, if it is in one and tells. */
export function homeOf(interpreter: string): string | undefined {
  try {
    return readSettings(dirname(dirname(interpreter)))?.home;
  } catch {
    return undefined; // closed to us
  }
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Absent or forbidden: not a candidate.
    return false;
  }
}

function checkFolder({ text, path, otherPath }: Written): void {
  if (text.startsWith('~')) throw VirtualenvError.tilde(text);
  try {
    if (!statSync(path).isDirectory()) throw VirtualenvError.notADirectory(path, aroundInterpreter(path));
    accessSync(path, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof VirtualenvError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw missing({ path, otherPath });
    throw code === 'EACCES' ? VirtualenvError.closed(path, closedFolder(path)) : VirtualenvError.unreadable(path, message);
  }
}

function missing({ path, otherPath }: Pick<Written, 'path' | 'otherPath'>): VirtualenvError {
  if (path !== otherPath && existsSync(join(otherPath, 'bin'))) return VirtualenvError.elsewhere(path, otherPath);
  const parent = foldersAbove(path).find((folder) => !existsSync(folder));
  return VirtualenvError.missing(path, parent);
}

/** The folders above a path, the root first. */
function foldersAbove(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [] : [...foldersAbove(parent), parent];
}

/** The first folder that keeps us out; the path itself where it can be reached and not read. */
function closedFolder(path: string): string {
  return foldersOnTheWay(path).find((folder) => !canEnter(folder)) ?? path;
}

function canEnter(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EACCES';
  }
}

/** The virtualenv in which this is the interpreter or its folder, or that has this folder inside. */
function aroundInterpreter(path: string): string | undefined {
  return foldersAbove(path).findLast(isVirtualenv);
}

/** The virtualenv that was probably meant: one around the path, or the only one in it. */
function virtualenvNear(path: string): string | undefined {
  const around = aroundInterpreter(path);
  if (around !== undefined) return around;
  const inside = namesIn(path)
    .map((name) => join(path, name))
    .filter(isVirtualenv);
  return inside.length === 1 ? inside[0] : undefined;
}

function isVirtualenv(path: string): boolean {
  return existsSync(join(path, 'pyvenv.cfg'));
}

/** @throws VirtualenvError where the file is there and closed to us */
function readSettings(path: string): Settings | undefined {
  const file = join(path, 'pyvenv.cfg');
  try {
    // Loaded for those who have one: a start without waits for nothing of it.
    const { parse } = createRequire(import.meta.url)('ini') as typeof import('ini');
    const { home, version, version_info: info } = parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    return { home: textOf(home), version: versionIn(textOf(version ?? info) ?? '') };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') throw VirtualenvError.unreadable(file, message);
    return undefined; // none there, which the older kind of virtualenv and a whole Python do without
  }
}

/** Undefined also for what the parser makes of a line without a value, or of a section. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Folders such as lib/python3.11. Fedora has the library of a whole Python in lib64. */
function librariesIn(path: string): readonly string[] {
  return ['lib', 'lib64'].flatMap((lib) =>
    namesIn(join(path, lib))
      .filter((name) => /^(python|pypy)\d+\.\d+$/.test(name))
      .map((name) => join(path, lib, name)),
  );
}

/** A library without its packages is that of a virtualenv with pyvenv.cfg. Links may dangle, and tell all the same what it was. */
function isWhole(library: string): boolean {
  return namesIn(library).includes('os.py');
}

function newest(libraries: readonly string[]): Version | undefined {
  const versions = libraries.map((library) => versionIn(basename(library))).filter((version) => version !== undefined);
  return versions.reduce<Version | undefined>((best, next) => (best === undefined || isOlder(best, next) ? next : best), undefined);
}

function versionIn(text: string): Version | undefined {
  const [, major, minor] = /^(?:python|pypy)?(\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

function isTooOld(version: Version): boolean {
  return isOlder(version, OLDEST);
}

function isOlder([major, minor]: Version, [otherMajor, otherMinor]: Version): boolean {
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

/** What became of the interpreter. */
function lossOf(candidates: readonly string[], settings: Settings | undefined): string {
  if (candidates.some((path) => existsSync(path))) return 'it is no program that this user may run';
  const dangling = candidates.map((path) => [path, linkTarget(path)] as const).find(([, target]) => target !== undefined);
  if (dangling !== undefined) return danglingText(...dangling, settings);
  const home = settings?.home;
  return home === undefined || existsSync(home) ? 'there is none' : goneText(home);
}

function danglingText(path: string, target: string | undefined, settings: Settings | undefined): string {
  const gone = settings?.home === undefined || existsSync(settings.home) ? '' : `; ${goneText(settings.home)}`;
  return `${basename(path)} leads to ${target ?? ''}, which is not there${gone}`;
}

function goneText(home: string): string {
  return `the Python it was made with, in ${home}, is gone`;
}

function linkTarget(path: string): string | undefined {
  try {
    readlinkSync(path);
    return endOfLinks(path);
  } catch {
    return undefined; // no link
  }
}

/** Where the links lead in the end, also where nothing is there: python3 → python → /opt/python3.9. */
function endOfLinks(path: string): string {
  try {
    const target = readlinkSync(path);
    const next = target.startsWith('/') ? target : join(dirname(path), target);
    return next === path ? path : endOfLinks(next);
  } catch {
    return path;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // missing, or closed to us
  }
}
