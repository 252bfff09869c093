/**
 * The body of a request, out of the bytes that follow its head (RFC 9112 6 and 7.1).
 *
 *     chunked = ( size hex [";" extension] CRLF  data CRLF )*  "0" CRLF  ( trailer CRLF )*  CRLF
 */
import { ProtocolError } from '../../errors/protocol.ts';
import { checkBodySize } from '../body-limit.ts';
import type { Framing } from '../request-reader.ts';
import { LF } from './characters.ts';

/** Takes chunks and gives the pieces of the body that are in them. */
export interface BodyReader {
  readonly isComplete: boolean;
  /** Returns how much of the chunk belongs to the body; the rest is the next request. */
  push(chunk: Buffer, take: (piece: Buffer) => void): number;
}

/** @param limit the largest body, in bytes; 0 for none. What is larger throws a 413 as soon as its size is told, before its bytes are read. */
export function readBody(framing: Framing, limit = 0): BodyReader {
  if (framing.kind === 'chunked') return new ChunkedBody(limit);
  checkBodySize(framing.length, limit);
  return new LengthBody(framing.length);
}

class LengthBody implements BodyReader {
  #missing: number;

  constructor(length: number) {
    this.#missing = length;
  }

  get isComplete(): boolean {
    return this.#missing === 0;
  }

  push(chunk: Buffer, take: (piece: Buffer) => void): number {
    const size = Math.min(chunk.length, this.#missing);
    this.#missing -= size;
    if (size > 0) take(size === chunk.length ? chunk : chunk.subarray(0, size));
    return size;
  }
}

/** A size with its extensions: longer ones only cost us memory. */
const SIZE_LINE_MAX = 256;
/** All trailers together; they are dropped, for WSGI has no place for them. */
const TRAILERS_MAX = 8192;
const SIZE_LINE = /^([0-9A-Fa-f]{1,12})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?$/;
const TRAILER = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/;

class ChunkedBody implements BodyReader {
  #state: 'size' | 'data' | 'data-end' | 'trailers' | 'complete' = 'size';
  #line = '';
  #missing = 0;
  #trailers = 0;
  /** Of all chunks so far. */
  #size = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isComplete(): boolean {
    return this.#state === 'complete';
  }

  push(chunk: Buffer, take: (piece: Buffer) => void): number {
    let at = 0;
    while (at < chunk.length && this.#state !== 'complete') {
      at = this.#state === 'data' ? this.#readData(chunk, at, take) : this.#readLine(chunk, at);
    }
    return at;
  }

  #readData(chunk: Buffer, at: number, take: (piece: Buffer) => void): number {
    const end = Math.min(chunk.length, at + this.#missing);
    this.#missing -= end - at;
    if (this.#missing === 0) this.#state = 'data-end';
    take(chunk.subarray(at, end));
    return end;
  }

  #readLine(chunk: Buffer, at: number): number {
    const found = chunk.indexOf(LF, at);
    const end = found === -1 ? chunk.length : found + 1;
    const limit = this.#state === 'trailers' ? TRAILERS_MAX - this.#trailers : SIZE_LINE_MAX;
    if (this.#line.length + end - at > limit) throw ProtocolError.malformed('http', 'a chunk head or trailer that is too long');
    this.#line += chunk.toString('latin1', at, end);
    if (found !== -1) this.#endLine();
    return end;
  }

  #endLine(): void {
    if (!this.#line.endsWith('\r\n')) throw ProtocolError.malformed('http', 'a line feed without a carriage return');
    const line = this.#line.slice(0, -2);
    this.#line = '';
    switch (this.#state) {
      case 'size':
        this.#beginChunk(line);
        return;
      case 'data-end':
        if (line !== '') throw ProtocolError.malformed('http', 'a chunk that is longer than its size');
        this.#state = 'size';
        return;
      case 'trailers':
        this.#trailers += line.length + 2;
        if (line === '') this.#state = 'complete';
        else if (!TRAILER.test(line)) throw ProtocolError.malformed('http', 'a trailer that is no field');
        return;
      case 'data':
      case 'complete':
        return;
    }
  }

  #beginChunk(line: string): void {
    const size = SIZE_LINE.exec(line)?.[1];
    if (size === undefined) throw ProtocolError.malformed('http', 'a chunk size that is none');
    this.#missing = parseInt(size, 16);
    this.#size += this.#missing;
    checkBodySize(this.#size, this.#limit);
    this.#state = this.#missing === 0 ? 'trailers' : 'data';
  }
}
