import { TsuwsgiError } from './error.ts';

/** `uid = wwwdata` where there is no such user. */
export class AccountError extends TsuwsgiError {
  readonly code = 'TSU_ACCOUNT';

  constructor(kind: 'user' | 'group', name: string, cause: unknown) {
    super(`there is no ${kind} "${name}" on this system`, {
      cause,
      suggestions: [`name one that exists (getent ${kind === 'user' ? 'passwd' : 'group'}), or create it`],
    });
  }
}

/** `master-as-root`: children cannot be made to run as another user. */
export class BecomeError extends TsuwsgiError {
  readonly code = 'TSU_BECOME';

  constructor(command: string, cause: unknown) {
    super(`master-as-root: children cannot become another user with "${command}": ${lastLine((cause as Error).message)}`, {
      cause,
      suggestions: ['install setpriv (the package util-linux), or leave master-as-root out'],
    });
  }
}

/** A file of the server itself (log, pid file) or its directory cannot be used. */
export class ServerFileError extends TsuwsgiError {
  readonly code = 'TSU_SERVER_FILE';

  // eslint-disable-next-line max-params -- the fourth is only for those whose reason does not say enough
  constructor(what: string, path: string, cause: NodeJS.ErrnoException, suggestions: readonly string[] = []) {
    super(`cannot ${what} ${path}: ${reasonOf(cause)}`, { cause, suggestions });
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'no such file or directory';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'ENOTDIR') return 'not a directory';
  return message;
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
