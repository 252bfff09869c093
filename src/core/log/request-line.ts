/**
 * uWSGI's line about a request (core/logging.c, uwsgi_log_request), for those that no worker ran; python/tsuwsgi/requestlog.py writes the
 * same for those of the workers.
 *
 *     [pid: 12|app: -1|req: -1/9] 127.0.0.1 () {46 vars in 581 bytes} [Fri Nov 20 12:10:11 2026]
 *     GET /x => generated 11 bytes in 0 msecs via sendfile() (HTTP/1.1 200) 2 headers in 66 bytes (0 switches on core 0)     (one line)
 */
import { ctime } from './ctime.ts';
import { harmless } from './harmless.ts';

/** Of a request, what the line tells. Texts are latin-1: the bytes that the client sent. */
export interface LoggedRequest {
  readonly method: string;
  readonly uri: string;
  readonly protocol: string;
  readonly address: string;
  readonly user: string;
  readonly pairs: number;
  readonly packetSize: number;
  /** Any other variable of the request; empty for one that it does not have. */
  readonly variable: (name: string) => string;
}

/** Of its answer. */
export interface LoggedAnswer {
  readonly status: number;
  /** "200 OK\r\nName: value\r\n…" without the blank line. */
  readonly head: string;
  readonly bodySize: number;
  readonly begun: Date;
  readonly spentMs: number;
  /** How its body went out; empty where that was not special. */
  readonly via: '' | 'sendfile' | 'offload';
}

/** @param count how many requests this process has answered itself, with this one */
export function requestLine(request: LoggedRequest, answer: LoggedAnswer, count: number): string {
  const { method, uri, protocol, address, user, pairs, packetSize } = request;
  const { status, bodySize, begun, spentMs, via } = answer;
  const figures = headFigures(request, answer);
  const line =
    `[pid: ${process.pid}|app: -1|req: -1/${count}] ${address} (${user}) {${2 * pairs} vars in ${packetSize} bytes} [${ctime(begun)}] ` +
    `${method} ${uri} => generated ${bodySize} bytes in ${Math.floor(spentMs)} msecs ${via === '' ? '' : `via ${via}() `}` +
    `(${protocol} ${status}) ${figures.count} headers in ${figures.size} bytes (0 switches on core 0)`;
  // A user name with a line break in it must not look like a line of ours.
  return harmless(line);
}

/** How many header lines the client got, and the bytes of the whole head. */
export function headFigures({ protocol }: LoggedRequest, { head }: LoggedAnswer): { count: number; size: number } {
  // The status line and what is behind the last line end are none. The protocol and a blank in front of the status, an empty line at the end.
  return { count: head.split('\r\n').length - 2, size: (protocol || 'HTTP/1.0').length + 1 + head.length + 2 };
}
