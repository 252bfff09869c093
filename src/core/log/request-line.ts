/** What a line tells of a request that no worker ran. */

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

/** How many header lines the client got, and the bytes of the whole head. */
export function headFigures({ protocol }: LoggedRequest, { head }: LoggedAnswer): { count: number; size: number } {
  // The status line and what is behind the last line end are none. The protocol and a blank in front of the status, an empty line at the end.
  return { count: head.split('\r\n').length - 2, size: (protocol || 'HTTP/1.0').length + 1 + head.length + 2 };
}
