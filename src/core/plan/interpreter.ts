/** Which Python runs the application. Looks at the file system, changes nothing. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { InterpreterError } from '../errors/interpreter.ts';
import { isExecutable, PYTHON_NAMES, virtualenvInterpreter } from './virtualenv.ts';

export interface InterpreterChoice {
  /** `python`, or `py-programname`: a path or a name to look up in PATH. */
  readonly python: string | undefined;
  /** `virtualenv`: its own interpreter is used, so that its packages and C extensions fit. */
  readonly virtualenv: string | undefined;
  /** PATH of the environment. */
  readonly searchPath: string;
  /** Relative paths start here: `chdir`. */
  readonly directory: string;
  /** Where the server was started. */
  readonly start: string;
}

/**
 * The path of the interpreter: that of `virtualenv`, whose packages no other one finds, or else `python`, or else the python3 of PATH.
 *
 * @throws VirtualenvError, InterpreterError that name the path and what to do.
 */
export function chooseInterpreter({ python, virtualenv, searchPath, directory, start }: InterpreterChoice): string {
  if (virtualenv !== undefined) {
    return virtualenvInterpreter({ text: virtualenv, path: resolve(directory, virtualenv), otherPath: resolve(start, virtualenv) });
  }
  if (python !== undefined) return findNamed(python, { searchPath, directory });
  const found = PYTHON_NAMES.map((name) => search(name, searchPath)).find((path) => path !== undefined);
  if (found === undefined) throw InterpreterError.notFound(PYTHON_NAMES[0] ?? '', searchPath);
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
