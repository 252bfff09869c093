import { TsuwsgiError } from './error.ts';
import { APPLICATION_FAILED } from './exit-status.ts';

/** The application could not be brought up: its import failed, or its workers die before they serve. */
export class ApplicationError extends TsuwsgiError {
  readonly code = 'TSU_APPLICATION';
  override readonly exitStatus: number;

  /** @param status exit status of the process that failed; uWSGI's 22 when the application could not be loaded */
  constructor(reason: string, status: number = APPLICATION_FAILED) {
    super(reason);
    this.exitStatus = status === 0 ? 1 : status;
  }
}

/** A reload did not come to its end; what served before still serves. */
export class ReloadError extends TsuwsgiError {
  readonly code = 'TSU_RELOAD';

  constructor(cause: Error) {
    super(`the reload failed, the old workers go on serving: ${cause.message}`, { cause });
  }
}

/** A reload asks for more threads than the scoreboard, whose size is fixed, has places for. */
export class NoRoomError extends TsuwsgiError {
  readonly code = 'TSU_NO_ROOM';

  constructor(workers: number, threads: number) {
    super(`${workers} workers of ${threads} threads are more than this server can reload into`, {
      suggestions: ['restart the server'],
    });
  }
}

/** The gateway's process could not be started, or ended before it listened. */
export class GatewayError extends TsuwsgiError {
  readonly code = 'TSU_GATEWAY';

  constructor(reason: string) {
    super(`the gateway, which speaks HTTP, does not come up: ${reason}`, {
      suggestions: ['see the log above; with --uid, let that user run Node and read where it and tsuwsgi are installed'],
    });
  }
}
