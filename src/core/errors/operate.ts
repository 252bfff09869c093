import { TsuwsgiError } from './error.ts';

/** An order to a server that is about to end. */
export class StoppingError extends TsuwsgiError {
  readonly code = 'TSU_STOPPING';

  constructor() {
    super('the server is stopping');
  }
}

/** An order about a worker that is not there. */
export class NoSuchWorkerError extends TsuwsgiError {
  readonly code = 'TSU_NO_SUCH_WORKER';

  constructor(id: number) {
    super(`there is no worker ${id}`);
  }
}

/** The pid file of a command holds no pid of a server, or cannot be read. */
export class PidFileError extends TsuwsgiError {
  readonly code = 'TSU_PID_FILE';

  constructor(path: string, what: string, cause?: unknown) {
    super(`${path}: ${what}`, { cause, suggestions: ['name the file that the server writes: pidfile = PATH'] });
  }
}

/** The process that a command is meant for has ended. */
export class ServerGoneError extends TsuwsgiError {
  readonly code = 'TSU_SERVER_GONE';
  override readonly exitStatus = 255;

  constructor(pid: number, source: string) {
    super(`there is no process ${pid} any more${source === '' ? '' : `: ${source} is left from a server that has ended`}`, {
      suggestions: ['name a server that runs, or none where this user runs only one'],
    });
  }
}

/** The process that a command is meant for is none of tsuwsgi's, or belongs to somebody else. */
export class NotAServerError extends TsuwsgiError {
  readonly code = 'TSU_NOT_A_SERVER';

  constructor(pid: number) {
    super(`process ${pid} is no tsuwsgi server of this user`, {
      suggestions: [
        'name the pid of the master, as the first line of its log and the pid file tell it',
        'run the command as its user',
        'where it is uWSGI, give it orders with uwsgi --reload or --stop, and name the address of its option "stats" for statistics',
      ],
    });
  }
}

/** A command names no server, and there is not just one that it could mean. */
export class WhichServerError extends TsuwsgiError {
  readonly code = 'TSU_WHICH_SERVER';

  /** @param running the servers that there are, each in a few words */
  constructor(running: readonly string[]) {
    super(
      running.length === 0
        ? 'no tsuwsgi server of this user is running'
        : `several servers of this user are running:\n${running.map((text) => `    ${text}`).join('\n')}`,
      {
        suggestions: [
          running.length === 0 ? 'start one, or run the command as its user' : 'name the pid or the pid file of the one that is meant',
        ],
      },
    );
  }
}

/** A server did not do what it was told. */
export class OrderError extends TsuwsgiError {
  readonly code = 'TSU_ORDER';

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }
}

const NAME_THE_SERVER = 'name the pid or the pid file of the server, as its user';

/** What a command names is neither a server nor an address of statistics. */
export class StatisticsSourceError extends TsuwsgiError {
  readonly code = 'TSU_STATISTICS_SOURCE';

  constructor(word: string, what: string, cause?: unknown) {
    super(`${word}: ${what}`, {
      cause,
      suggestions: ['name a pid, a pid file, or an address of the option "stats": 127.0.0.1:9191, /run/stats.sock, http://127.0.0.1:9191'],
    });
  }
}

/** Nobody answers where statistics should be. */
export class StatisticsUnreachableError extends TsuwsgiError {
  readonly code = 'TSU_STATISTICS_UNREACHABLE';

  constructor(source: string, what: string, cause?: unknown) {
    super(`${source}: ${what}`, {
      cause,
      suggestions: [
        'name the address that the start-up line of the server tells: "stats on …"',
        `where there is no such line, ${NAME_THE_SERVER}`,
      ],
    });
  }
}

/** What answers there has no statistics to tell. */
export class StatisticsAnswerError extends TsuwsgiError {
  readonly code = 'TSU_STATISTICS_ANSWER';

  constructor(source: string, what: string) {
    super(`${source} answers ${what}`, {
      suggestions: [
        'name the pid or the pid file of a server, or the address of its option "stats"; not one at which applications are served',
      ],
    });
  }
}

/** The server has a `stats-token`, and it was not told that one. */
export class StatisticsTokenError extends TsuwsgiError {
  readonly code = 'TSU_STATISTICS_TOKEN';

  constructor(source: string, token: 'missing' | 'wrong') {
    const what =
      token === 'missing' ? 'wants the token of the option "stats-token"' : 'has another "stats-token" than TSUWSGI_STATS_TOKEN says';
    super(`${source} ${what}`, {
      suggestions: ['put it into the environment: TSUWSGI_STATS_TOKEN="$(cat /etc/app.token)"', NAME_THE_SERVER],
    });
  }
}

/** The server tells its figures to everybody who asks there, but not what clients and the application have said. */
export class StatisticsForbiddenError extends TsuwsgiError {
  readonly code = 'TSU_STATISTICS_FORBIDDEN';

  /** @param answer the server's own words */
  constructor(source: string, answer: string) {
    super(`${source} answers ${answer}`, {
      suggestions: [NAME_THE_SERVER, 'set stats-token there, and put it into the environment here as TSUWSGI_STATS_TOKEN'],
    });
  }
}

/** Statistics can be had there, but not what happened lately. */
export class NoRecentError extends TsuwsgiError {
  readonly code = 'TSU_NO_RECENT';

  constructor(source: string, server: 'tsuwsgi' | 'uWSGI') {
    super(
      server === 'uWSGI'
        ? `${source} is a server of uWSGI, which does not remember what happened lately`
        : `${source} tells statistics alone, and what happened lately is told over HTTP`,
      { suggestions: server === 'uWSGI' ? ['look into its log'] : ['add "stats-http = true" to its configuration', NAME_THE_SERVER] },
    );
  }
}
