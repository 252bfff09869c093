import { TsuwsgiError } from './error.ts';

/** There is no Python to run the application with. */
export class InterpreterError extends TsuwsgiError {
  readonly code = 'TSU_INTERPRETER';

  static notFound(name: string, searchPath: string): InterpreterError {
    return new InterpreterError(`there is no "${name}" in ${searchPath === '' ? 'an empty PATH' : searchPath}`, {
      suggestions: ['install Python 3.8 or later, or name one: --python /usr/bin/python3'],
    });
  }

  static notExecutable(path: string): InterpreterError {
    return new InterpreterError(`${path} is not a program that this user may run`, {
      suggestions: ['name a Python interpreter: --python /usr/bin/python3'],
    });
  }

  static doesNotRun(path: string, cause: unknown): InterpreterError {
    return new InterpreterError(`${path} does not run as a Python interpreter`, {
      cause,
      suggestions: ['name another one: --python /usr/bin/python3'],
    });
  }
}

/** `virtualenv = /srv/venv` names no usable virtual environment. */
export class VirtualenvError extends TsuwsgiError {
  readonly code = 'TSU_VIRTUALENV';

  static notADirectory(path: string): VirtualenvError {
    return new VirtualenvError(`the virtualenv ${path} is not a directory`, { suggestions: [`create it: python3 -m venv ${path}`] });
  }

  static unreadable(path: string, cause: NodeJS.ErrnoException): VirtualenvError {
    const isMissing = cause.code === 'ENOENT';
    return new VirtualenvError(`the virtualenv ${path} ${isMissing ? 'does not exist' : `cannot be read: ${cause.message}`}`, {
      cause,
      suggestions: [isMissing ? `create it: python3 -m venv ${path}` : 'let the user of the server enter it and every directory above it'],
    });
  }

  /** @param home where the base interpreter was when the virtualenv was made, if it is one */
  static withoutInterpreter(path: string, home: string | undefined): VirtualenvError {
    const why = home === undefined ? 'it is no virtualenv' : `the Python it was made with, in ${home}, is gone`;
    return new VirtualenvError(`the virtualenv ${path} has no bin/python3 that runs: ${why}`, {
      suggestions: [`make it anew: python3 -m venv --clear ${path}`],
    });
  }
}
