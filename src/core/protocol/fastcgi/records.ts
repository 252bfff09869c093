/**
 * What FastCGI consists of (FastCGI Specification 1.0, 3.3 and 8):
 *
 *     | version 1 | type u8 | request id u16 | content length u16 | padding length u8 | 0 | content | padding |
 *
 * Id 0 is the connection itself; all others are requests, of which several may be on their way at once.
 */
import { ProtocolError } from '../../errors/protocol.ts';
import { HeldBytes } from '../../util/held-bytes.ts';

const HEAD_SIZE = 8;
const VERSION = 1;
/** As much as one record holds, in whole words of 8 bytes. */
export const CONTENT_MAX = 65_528;

export const TYPE = {
  beginRequest: 1,
  abortRequest: 2,
  endRequest: 3,
  params: 4,
  stdin: 5,
  stdout: 6,
  getValues: 9,
  getValuesResult: 10,
  unknownType: 11,
} as const;

/** How a request ended, as END_REQUEST says it. */
export const PROTOCOL_STATUS = { complete: 0, overloaded: 2, unknownRole: 3 } as const;

export interface FastcgiRecord {
  readonly type: number;
  readonly id: number;
  /** Valid until the next chunk is pushed. */
  readonly content: Buffer;
}

/** Cuts what comes over one connection into records. A record that is not all here is kept, and nothing else. */
export class RecordReader {
  readonly #held = new HeldBytes();

  /** Gives each record that the chunk completes. Throws a ProtocolError for what is none. */
  push(chunk: Buffer, take: (record: FastcgiRecord) => void): void {
    const bytes = this.#held.size === 0 ? chunk : this.#hold(chunk);
    let at = 0;
    while (bytes.length - at >= HEAD_SIZE) {
      const end = recordEnd(bytes, at);
      if (end > bytes.length) break;
      take({ type: bytes[at + 1] ?? 0, id: bytes.readUInt16BE(at + 2), content: contentOf(bytes, at) });
      at = end;
    }
    if (bytes.length > at && bytes[at] !== VERSION) throw noRecord(bytes, at);
    if (this.#held.size > 0) this.#held.drop(at);
    else if (at < bytes.length) this.#held.push(bytes.subarray(at));
  }

  #hold(chunk: Buffer): Buffer {
    this.#held.push(chunk);
    return this.#held.bytes;
  }
}

/** One record, padded to whole words. */
export function record(type: number, id: number, content: Buffer): Buffer {
  const size = content.length;
  const out = Buffer.alloc(HEAD_SIZE + size + paddingOf(size));
  writeHead(out, { type, id, size });
  out.set(content, HEAD_SIZE);
  return out;
}

/** The body of a response as STDOUT: heads and padding of our own around pieces that are not copied. */
export function stdout(id: number, bytes: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += CONTENT_MAX) {
    const piece = bytes.subarray(at, at + CONTENT_MAX);
    const head = Buffer.alloc(HEAD_SIZE);
    writeHead(head, { type: TYPE.stdout, id, size: piece.length });
    pieces.push(head, piece, Buffer.alloc(paddingOf(piece.length)));
  }
  return pieces;
}

/** The end of a request. @param applicationStatus what a program would have ended with: 0 when all is well */
export function endRequest(id: number, status: number, applicationStatus = 0): Buffer {
  const content = Buffer.alloc(HEAD_SIZE);
  content.writeUInt32BE(applicationStatus);
  content.writeUInt8(status, 4);
  return record(TYPE.endRequest, id, content);
}

/** What BEGIN_REQUEST says. */
export interface Beginning {
  readonly role: number;
  /** The client goes on with the connection after this request. */
  readonly keepsConnection: boolean;
}

/** The role of a program that answers requests; the others are an authorizer and a filter. */
export const RESPONDER = 1;

export function readBeginning(content: Buffer): Beginning {
  if (content.length !== HEAD_SIZE) throw ProtocolError.malformed('fastcgi', `a BEGIN_REQUEST of ${content.length} bytes`);
  return { role: content.readUInt16BE(0), keepsConnection: ((content[2] ?? 0) & 1) !== 0 };
}

function recordEnd(bytes: Buffer, at: number): number {
  if (bytes[at] !== VERSION) throw noRecord(bytes, at);
  return at + HEAD_SIZE + bytes.readUInt16BE(at + 4) + (bytes[at + 6] ?? 0);
}

function contentOf(bytes: Buffer, at: number): Buffer {
  return bytes.subarray(at + HEAD_SIZE, at + HEAD_SIZE + bytes.readUInt16BE(at + 4));
}

function noRecord(bytes: Buffer, at: number): ProtocolError {
  return ProtocolError.malformed('fastcgi', `a record of version ${bytes[at]}, which there is not; is it FastCGI?`);
}

function writeHead(out: Buffer, { type, id, size }: { type: number; id: number; size: number }): void {
  out[0] = VERSION;
  out[1] = type;
  out.writeUInt16BE(id, 2);
  out.writeUInt16BE(size, 4);
  out[6] = paddingOf(size);
}

function paddingOf(size: number): number {
  return -size & 7;
}
