import { ProtocolError } from '../../errors/protocol.ts';
import { HeldBytes } from '../../util/held-bytes.ts';
import { printable } from '../describe.ts';
import type { EnvironWriter } from '../environ.ts';
import type { RequestReader } from '../request-reader.ts';
import { CR, LF } from './characters.ts';
import { uriTooLong, type HttpRequestHead, type RequestHeadParser } from './request-head.ts';
import { Response } from './response.ts';

const BLANK_LINE = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);
const DESCRIPTION_MAX = 200;

const EARLY_HINTS = Buffer.from('HTTP/1.1 103 Early Hints\r\n');
const CRLF = Buffer.from('\r\n');

/** Collects the bytes of one connection until a whole head is there. Most heads come in one chunk and are never copied. */
export class HeadReader implements RequestReader {
  readonly #parser: RequestHeadParser;
  /** What came of a head that is not complete. */
  readonly #held = new HeldBytes();
  /** The chunk of the last head, and what followed it. */
  #bytes: Buffer = NOTHING;
  #head: HttpRequestHead | undefined;
  rest: Buffer = NOTHING;

  constructor(parser: RequestHeadParser) {
    this.#parser = parser;
  }

  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  push(chunk: Buffer): HttpRequestHead | undefined {
    this.#head = undefined;
    const bytes = this.isEmpty ? chunk : this.#hold(chunk);
    this.#bytes = bytes;
    const from = afterEmptyLine(bytes);
    if (!hasBlankLine(bytes, from, bytes.length - chunk.length)) {
      this.#refuseTooLong(bytes, from);
      refuseBareLineFeed(bytes, bytes.length - chunk.length);
      if (this.isEmpty) this.#hold(chunk);
      return undefined;
    }
    this.#held.clear();
    const head = (this.#head = this.#parser.parse(bytes, from));
    this.rest = head.end === bytes.length ? NOTHING : bytes.subarray(head.end);
    return head;
  }

  get host(): string {
    return this.#parser.host;
  }

  writeEnviron(environ: EnvironWriter): void {
    this.#parser.writeEnviron(environ);
  }

  respond(isPersistent: boolean): Response {
    return new Response({ minor: this.#head?.minor ?? 1, isHead: this.#head?.isHead ?? false, isPersistent });
  }

  inform(fields: Buffer): Buffer {
    return Buffer.concat([EARLY_HINTS, fields, CRLF]);
  }

  describe(): string {
    const from = afterEmptyLine(this.#bytes);
    const line = this.#bytes.toString('latin1', from, from + DESCRIPTION_MAX).split(/[\r\n]/, 1)[0] ?? '';
    return printable(line.replace(/ HTTP\/\d\.\d$/, ''));
  }

  #hold(chunk: Buffer): Buffer {
    this.#held.push(chunk);
    return this.#held.bytes;
  }

  #refuseTooLong(bytes: Buffer, from: number): void {
    const { limit } = this.#parser;
    const size = bytes.length - from;
    if (size <= limit) return;
    const line = bytes.indexOf(LF, from);
    if (line === -1 || line - from > limit) throw ProtocolError.refused(414, uriTooLong(limit));
    throw ProtocolError.tooLarge('http', size, limit);
  }
}

/** Some clients send an empty line after a body; one is forgiven (RFC 9112 2.2). */
function afterEmptyLine(bytes: Buffer): number {
  return bytes[0] === CR && bytes[1] === LF ? 2 : 0;
}

/** @param known how many of the bytes were searched before */
function hasBlankLine(bytes: Buffer, from: number, known: number): boolean {
  const last = bytes.length - BLANK_LINE.length;
  // Nearly every request without a body ends its chunk with the blank line.
  if (last >= from && bytes[last] === CR && bytes[last + 1] === LF && bytes[last + 2] === CR && bytes[last + 3] === LF) return true;
  return bytes.indexOf(BLANK_LINE, Math.max(from, known - BLANK_LINE.length)) !== -1;
}

/** Without it a head of bare line feeds would be waited for until the timeout. */
function refuseBareLineFeed(bytes: Buffer, known: number): void {
  for (let at = bytes.indexOf(LF, known); at !== -1; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at - 1] !== CR) throw ProtocolError.malformed('http', 'a line feed without a carriage return');
  }
}
