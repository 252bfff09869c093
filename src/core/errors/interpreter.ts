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

  /** @param around the virtualenv in which this file is */
  static notADirectory(path: string, around: string | undefined): VirtualenvError {
    return new VirtualenvError(`the virtualenv ${path} is not a directory`, {
      suggestions: [around === undefined ? create(path) : `name the folder: virtualenv = ${around}`],
    });
  }

  /** @param folder the first one above it that is missing, too */
  static missing(path: string, folder: string | undefined): VirtualenvError {
    return new VirtualenvError(`the virtualenv ${path} does not exist${folder === undefined ? '' : `: there is no ${folder}`}`, {
      suggestions: [create(path)],
    });
  }

  /** @param found what the same words mean where the server was started */
  static elsewhere(path: string, found: string): VirtualenvError {
    return new VirtualenvError(`the virtualenv ${path} does not exist: relative paths are seen from chdir`, {
      suggestions: [`name it in full: virtualenv = ${found}`],
    });
  }

  static tilde(text: string): VirtualenvError {
    return new VirtualenvError(`the virtualenv ${text} does not exist: only a shell makes a home directory of "~"`, {
      suggestions: [`name it in full, or in a config file by a variable: virtualenv = $(HOME)${text.slice(1)}`],
    });
  }

  /** @param folder what keeps this user out */
  static closed(path: string, folder: string): VirtualenvError {
    const what = folder === path ? 'read it' : `enter ${folder}, which is on the way`;
    return new VirtualenvError(`the virtualenv ${path} cannot be read: this user may not ${what}`, {
      suggestions: [`let the user of the server in, or move the virtualenv: chmod o+rx ${folder}`],
    });
  }

  static unreadable(path: string, reason: string): VirtualenvError {
    return new VirtualenvError(`the virtualenv ${path} cannot be read: ${reason}`, {
      suggestions: ['let the user of the server read all of it'],
    });
  }

  /** @param near a virtualenv beside or around it */
  static notOne(path: string, near: string | undefined): VirtualenvError {
    return new VirtualenvError(`${path} is no virtualenv: it has neither a pyvenv.cfg nor the library of a Python`, {
      suggestions: [near === undefined ? create(path) : `name the one that is there: virtualenv = ${near}`],
    });
  }

  /** @param version the one it was made for: 2.7 */
  static tooOld(path: string, version: string): VirtualenvError {
    const isTwo = version.startsWith('2.');
    return new VirtualenvError(`the virtualenv ${path} is for Python ${version}, and tsuwsgi needs Python 3.8 or later`, {
      suggestions: [
        `${isTwo ? 'port the application to Python 3, and ' : ''}make it anew with a later Python: python3 -m venv --clear ${path}`,
      ],
    });
  }

  /** @param loss what became of its interpreter */
  static withoutInterpreter(path: string, loss: string): VirtualenvError {
    return new VirtualenvError(`the virtualenv ${path} has no bin/python3 that runs: ${loss}`, {
      suggestions: [`make it anew: python3 -m venv --clear ${path}`],
    });
  }
}

function create(path: string): string {
  return `create it: python3 -m venv ${path}`;
}
