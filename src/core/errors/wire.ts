import { TsuwsgiError } from './error.ts';

/** The other side of an inner connection broke its rules: a bug, or another version of tsuwsgi. */
export class WireError extends TsuwsgiError {
  readonly code = 'TSU_WIRE';

  static frameTooLarge(size: number, limit: number): WireError {
    return new WireError(`a worker's frame of ${size} bytes; ${limit} are allowed`);
  }

  static unexpected(what: string): WireError {
    return new WireError(`a worker sent ${what}`);
  }
}
