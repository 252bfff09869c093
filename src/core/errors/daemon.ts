import { TsuwsgiError } from './error.ts';

/** `--daemonize`: the server in the background did not come up. */
export class DaemonError extends TsuwsgiError {
  readonly code = 'TSU_DAEMON';
  override readonly exitStatus: number;

  constructor(reason: string, exitStatus: number, logFile: string) {
    super(`the server did not come up: ${reason}`, { suggestions: [`see ${logFile}`] });
    this.exitStatus = exitStatus === 0 ? 1 : exitStatus;
  }
}
