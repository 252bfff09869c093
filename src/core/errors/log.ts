import { TsuwsgiError } from './error.ts';

/** A logger cannot be written to, or the process that writes to it cannot be started. */
export class LoggerError extends TsuwsgiError {
  readonly code = 'TSU_LOGGER';

  static unusable(logger: string | null, reason: string): LoggerError {
    if (logger === null)
      return new LoggerError(reason, { suggestions: ['correct it; tsuwsgi config validate reads the configuration without starting'] });
    return new LoggerError(`the logger "${logger}" cannot be used: ${reason}`, {
      suggestions: ['make what it names there for the user of the server, or leave the logger out'],
    });
  }

  static silent(): LoggerError {
    return new LoggerError('the log writer does not answer: one of its loggers takes nothing', {
      suggestions: ['look at whatever reads the log (the command of "pipe:", a socket, the output of the server), and reload again'],
    });
  }

  static noWriter(reason: string): LoggerError {
    return new LoggerError(`the log writer cannot be started: ${reason}`, { suggestions: ['name another Python with python = /path'] });
  }
}
