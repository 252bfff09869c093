/**
 * uWSGI's line about a request (core/logging.c, uwsgi_log_request), for those that no worker ran; python/tsuwsgi/requestlog.py writes the
 * same for those of the workers.
 *
 *     [pid: 12|app: -1|req: -1/9] 127.0.0.1 () {46 vars in 581 bytes} [Fri Nov 20 12:10:11 2026]
 *     GET /x => generated 11 bytes in 0 msecs via sendfile() (HTTP/1.1 200) 2 headers in 66 bytes (0 switches on core 0)     (one line)
 */
import { ctime } from './ctime.ts';

/** Of a request, what the line tells. Texts are latin-1: the bytes that the client sent. */
export interface LoggedRequest {
  readonly method: string;
  readonly uri: string;
  readonly protocol: string;
  readonly address: string;
  readonly user: string;
  readonly pairs: number;
  readonly packetSize: number;
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
  const { status, head, bodySize, begun, spentMs, via } = answer;
  const lines = head.split('\r\n').length - 1;
  // The protocol and a blank in front of the status, an empty line at the end.
  const headSize = (protocol || 'HTTP/1.0').length + 1 + head.length + 2;
  const line =
    `[pid: ${process.pid}|app: -1|req: -1/${count}] ${address} (${user}) {${2 * pairs} vars in ${packetSize} bytes} [${ctime(begun)}] ` +
    `${method} ${uri} => generated ${bodySize} bytes in ${Math.floor(spentMs)} msecs ${via === '' ? '' : `via ${via}() `}` +
    `(${protocol} ${status}) ${lines - 1} headers in ${headSize} bytes (0 switches on core 0)`;
  // A user name with a line break in it must not look like a line of ours.
  return Buffer.from(line.replaceAll('\n', '\\n'), 'latin1').toString('utf8');
}
