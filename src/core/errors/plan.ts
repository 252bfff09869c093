import { TsuwsgiError } from './error.ts';
import { APPLICATION_FAILED } from './exit-status.ts';

/** Options that are each right but do not make a server together. */
export class PlanError extends TsuwsgiError {
  readonly code = 'TSU_PLAN';
  override readonly exitStatus: number;

  private constructor(message: string, suggestions: readonly string[], exitStatus = 1) {
    super(message, { suggestions });
    this.exitStatus = exitStatus;
  }

  static noSocket(): PlanError {
    return new PlanError('no address to listen on', ['add --http :9090 for browsers, or --socket 127.0.0.1:3031 for nginx (uwsgi_pass)']);
  }

  static noApplication(): PlanError {
    return new PlanError('no application to serve', ['add --wsgi-file server.py or --module package.module'], APPLICATION_FAILED);
  }
}
