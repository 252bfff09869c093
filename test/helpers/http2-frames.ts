/** Frames of HTTP/2 (RFC 9113 4.1), for clients that do what no library lets them do. */

export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  resetStream: 3,
  settings: 4,
  ping: 6,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = { none: 0, endStream: 1, endHeaders: 4, all: 5 } as const;

/** What a client says first: the preface, and settings that are the usual ones but for these. */
export function greeting(settings: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(FRAME.settings, 0, { content: settings })]);
}

export function frame(
  type: number,
  stream: number,
  { flags = 0, content = '' }: { flags?: number; content?: string | Buffer } = {},
): Buffer {
  const bytes = Buffer.from(content as string, 'latin1');
  const head = Buffer.alloc(9);
  head.writeUIntBE(bytes.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, bytes]);
}

/** A block of fields (RFC 7541): GET or POST of a path at https://a. */
export function requestFields(method: 'GET' | 'POST' = 'GET', path = '/'): string {
  return `${method === 'GET' ? '\x82' : '\x83'}\x87\x04${String.fromCharCode(path.length)}${path}\x41\x01a`;
}
