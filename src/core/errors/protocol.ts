import { TsuwsgiError } from './error.ts';

export type ProtocolName = 'http' | 'uwsgi' | 'fastcgi' | 'scgi' | 'PROXY';

/** What a client sent cannot be served. `status` is the answer; 0 where there is none, and the connection is closed. */
export class ProtocolError extends TsuwsgiError {
  readonly code = 'TSU_PROTOCOL';
  readonly status: number;

  private constructor(status: number, message: string, suggestions: readonly string[] = []) {
    super(message, { suggestions });
    this.status = status;
  }

  static malformed(protocol: ProtocolName, what: string): ProtocolError {
    return new ProtocolError(400, `malformed ${protocol} ${protocol === 'PROXY' ? 'header' : 'request'}: ${what}`);
  }

  static tooLarge(protocol: ProtocolName, size: number, limit: number): ProtocolError {
    return new ProtocolError(431, `the ${protocol} request head has ${size} bytes; buffer-size allows ${limit}`, [
      `set buffer-size = ${size} or more`,
    ]);
  }

  /** What is no request, or one of another protocol: whoever sent it would not understand an answer. */
  static dropped(message: string): ProtocolError {
    return new ProtocolError(0, message);
  }

  /** @param size of the body as far as its client has told it */
  static bodyTooLarge(size: number, limit: number): ProtocolError {
    return new ProtocolError(413, `a body of ${size} bytes; limit-post allows ${limit}`, [`set limit-post = ${size} or more`]);
  }

  /** The body of a request has no place while it comes in. */
  static notKept(directory: string, cause: NodeJS.ErrnoException): ProtocolError {
    const isDiskFull = cause.code === 'ENOSPC' || cause.code === 'EDQUOT' || cause.code === 'EFBIG';
    const remedy = isDiskFull ? 'make room there, bound bodies with limit-post' : 'let the server write there';
    return new ProtocolError(
      isDiskFull ? 507 : 500,
      `its body cannot be kept in ${directory} (${cause.message}): ${remedy}, or name another directory with http-post-buffering-dir`,
    );
  }

  /** A request that is well formed but that we do not serve, or not so. */
  static refused(status: number, reason: string): ProtocolError {
    return new ProtocolError(status, reason);
  }
}
