/** Which Python runs the application. Looks at the file system, changes nothing. */
import { execFileSync } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { parse } from 'ini';
import { InterpreterError, VirtualenvError } from '../errors/interpreter.ts';

export interface InterpreterChoice {
  /** `python`: a path or a name to look up in PATH. */
  readonly python: string | undefined;
  /** `virtualenv`: its own interpreter is used, so that its packages and C extensions fit. */
  readonly virtualenv: string | undefined;
  /** PATH of the environment. */
  readonly searchPath: string;
  /** Relative paths start here. */
  readonly directory: string;
}

/** The names under which a Python 3 is looked for. */
const NAMES = ['python3', 'python'];

/**
 * The path of the interpreter: `python` wins over `virtualenv`, and without either it is the python3 of PATH.
 *
 * @throws VirtualenvError, InterpreterError that name the path and what to do.
 */
export function chooseInterpreter({ python, virtualenv, searchPath, directory }: InterpreterChoice): string {
  if (virtualenv !== undefined) {
    const own = interpreterOf(resolve(directory, virtualenv));
    return python === undefined ? own : findNamed(python, { searchPath, directory });
  }
  if (python !== undefined) return findNamed(python, { searchPath, directory });
  const found = NAMES.map((name) => search(name, searchPath)).find((path) => path !== undefined);
  if (found === undefined) throw InterpreterError.notFound(NAMES[0] ?? '', searchPath);
  return behindShim(found);
}

function findNamed(python: string, { searchPath, directory }: { searchPath: string; directory: string }): string {
  const found = python.includes('/') ? resolve(directory, python) : search(python, searchPath);
  if (found === undefined) throw InterpreterError.notFound(python, searchPath);
  if (!isExecutable(found)) throw InterpreterError.notExecutable(found);
  return behindShim(found);
}

function search(name: string, searchPath: string): string | undefined {
  return searchPath
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

/** A version manager's shim is a script that costs a shell at each start and may choose differently elsewhere: ask it once who it stands for. */
function behindShim(path: string): string {
  if (!isScript(path)) return path;
  try {
    return execFileSync(path, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  } catch (error) {
    throw InterpreterError.doesNotRun(path, error);
  }
}

function isScript(path: string): boolean {
  const fd = openSync(path, 'r');
  try {
    const head = Buffer.alloc(2);
    readSync(fd, head, 0, 2, 0);
    return head.toString('latin1') === '#!';
  } finally {
    closeSync(fd);
  }
}

function interpreterOf(virtualenv: string): string {
  checkReadable(virtualenv);
  const candidates = NAMES.map((name) => join(virtualenv, 'bin', name));
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  throw VirtualenvError.withoutInterpreter(virtualenv, homeOf(virtualenv));
}

function checkReadable(virtualenv: string): void {
  try {
    if (!statSync(virtualenv).isDirectory()) throw VirtualenvError.notADirectory(virtualenv);
    accessSync(virtualenv, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof VirtualenvError) throw error;
    throw VirtualenvError.unreadable(virtualenv, error as NodeJS.ErrnoException);
  }
}

/** Where the virtualenv's base Python was, when pyvenv.cfg (PEP 405) tells: it may have been removed since. */
function homeOf(virtualenv: string): string | undefined {
  try {
    const home = parse(readFileSync(join(virtualenv, 'pyvenv.cfg'), 'utf8'))['home'] as unknown;
    return typeof home === 'string' ? home : undefined;
  } catch {
    // Without a readable pyvenv.cfg it is no virtualenv at all, which is what the caller then says.
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Absent or forbidden: not a candidate.
    return false;
  }
}
