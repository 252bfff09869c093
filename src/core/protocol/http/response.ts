/**
 * A response as the client gets it. The application's own head is only framed: the version goes in front of it, and behind it what
 * the connection needs (RFC 9112 6.1, 9.6; the Date of RFC 9110 6.6.1).
 */
import { OWN_MEMORY, type ResponseMemory, type ResponseStart, type ResponseWriter } from '../response.ts';
import { CR, LF } from './characters.ts';
import { dateLine } from './date.ts';
import type { Minor } from './request-head.ts';

/** Of the request, what shapes its response. */
export interface Asked {
  readonly minor: Minor;
  readonly isHead: boolean;
  /** The connection may go on afterwards. */
  readonly isPersistent: boolean;
}

/** How the client learns where the body ends. */
type Ending = 'none' | 'length' | 'chunked' | 'close';

const VERSIONS = ['HTTP/1.0 ', 'HTTP/1.1 '] as const;
const VERSION_SIZE = 9;
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const CLOSE = 'Connection: close\r\n';
const KEEP_ALIVE = 'Connection: keep-alive\r\n';
const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const CRLF = Buffer.from('\r\n');
const NOTHING = Buffer.alloc(0);

export class Response implements ResponseWriter {
  readonly #asked: Asked;
  #ending: Ending = 'none';
  /** Bytes that the Content-Length still promises. */
  #missing = 0;
  #isPersistent: boolean;
  #isTooLong = false;

  constructor(asked: Asked) {
    this.#asked = asked;
    this.#isPersistent = asked.isPersistent;
  }

  /** The connection can take another request once this response is complete. */
  get isPersistent(): boolean {
    return this.#isPersistent;
  }

  /** The body was longer than the application said; what was too much was cut off. */
  get isTooLong(): boolean {
    return this.#isTooLong;
  }

  /** Head and first piece in one buffer, for one write. */
  begin(start: ResponseStart, memory: ResponseMemory = OWN_MEMORY): Buffer {
    const { bytes, headStart, bodyStart } = start;
    const bodySize = start.bodyEnd - bodyStart;
    this.#ending = this.#chooseEnding(start);
    if (this.#ending === 'close') this.#isPersistent = false;
    const kept = this.#ending === 'none' ? 0 : this.#count(bodySize);
    if (start.isEnd) this.#finish();

    const extra = this.#extraFields(start, bodySize);
    const framesPiece = this.#ending === 'chunked' && kept > 0;
    const before = framesPiece ? `${extra}\r\n${chunkHead(kept)}` : `${extra}\r\n`;
    const headSize = bodyStart - headStart;
    const out = memory.take(VERSION_SIZE + headSize + before.length + kept + (framesPiece ? CRLF.length : 0));
    out.write(VERSIONS[this.#asked.minor], 0, 'latin1');
    bytes.copy(out, VERSION_SIZE, headStart, bodyStart);
    let at = VERSION_SIZE + headSize;
    at += out.write(before, at, 'latin1');
    if (kept > 0) at += bytes.copy(out, at, bodyStart, bodyStart + kept);
    if (framesPiece) out.set(CRLF, at);
    return out;
  }

  /** More of the body; an empty list when the client gets none of it. */
  body(bytes: Buffer, from: number, to: number): readonly Buffer[] {
    if (this.#ending === 'none' || to === from) return [];
    if (this.#ending === 'chunked') return [Buffer.from(chunkHead(to - from), 'latin1'), bytes.subarray(from, to), CRLF];
    const kept = this.#count(to - from);
    return kept === 0 ? [] : [bytes.subarray(from, from + kept)];
  }

  /** What ends the response. Ask `isPersistent` afterwards: a body that was too short ends the connection. */
  end(): Buffer {
    this.#finish();
    return this.#ending === 'chunked' ? LAST_CHUNK : NOTHING;
  }

  /** A client that waits for more bytes must see that none will come, and one that got too many was told less. */
  get isCut(): boolean {
    return this.#ending === 'length' && this.#missing > 0;
  }

  /** The connection itself ends the body: to cut such a response it has to be reset, or it would look complete. */
  get endsByClose(): boolean {
    return this.#ending === 'close';
  }

  #chooseEnding({ status, contentLength, bodyStart, bodyEnd, isEnd }: ResponseStart): Ending {
    if (this.#asked.isHead || status === 204 || status === 304 || status < 200) return 'none';
    if (contentLength >= 0 || isEnd) {
      this.#missing = contentLength >= 0 ? contentLength : bodyEnd - bodyStart;
      return 'length';
    }
    return this.#asked.minor === 1 ? 'chunked' : 'close';
  }

  /** How many of these bytes the client gets. */
  #count(size: number): number {
    if (this.#ending !== 'length') return size;
    if (size > this.#missing) this.#isTooLong = true;
    const kept = Math.min(size, this.#missing);
    this.#missing -= kept;
    return kept;
  }

  #finish(): void {
    if (this.isCut || this.#isTooLong) this.#isPersistent = false;
  }

  #extraFields(start: ResponseStart, bodySize: number): string {
    let fields = hasDate(start.bytes, start.headStart, start.bodyStart) ? '' : dateLine();
    if (this.#ending === 'chunked') fields += CHUNKED;
    // Not for a HEAD: its own body is mostly cut by the framework and says nothing of what a GET would bring.
    else if (this.#ending === 'length' && start.contentLength < 0) fields += `Content-Length: ${bodySize}\r\n`;
    if (!this.#isPersistent) return fields + CLOSE;
    return this.#asked.minor === 0 ? fields + KEEP_ALIVE : fields;
  }
}

function chunkHead(size: number): string {
  return `${size.toString(16)}\r\n`;
}

const SMALL_D = 0x64;

/** Whether a line of the head begins with "Date:", in any case. */
function hasDate(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to - 6; at++) {
    if (bytes[at] !== LF || bytes[at - 1] !== CR) continue;
    if (((bytes[at + 1] ?? 0) | 0x20) === SMALL_D && bytes.toString('latin1', at + 1, at + 6).toLowerCase() === 'date:') return true;
  }
  return false;
}
