/**
 * A response in the way of CGI (RFC 3875 6): "Status: 200 OK" and the application's head as it is; the web server makes the rest. With
 * `nph` ("non-parsed header") it begins as HTTP does.
 */
import { OWN_MEMORY, type ResponseMemory, type ResponseStart, type ResponseWriter } from '../response.ts';

const NOTHING = Buffer.alloc(0);
const END_OF_HEAD = '\r\n';
const STATUS = 'Status: ';
/** The versions that web servers name; others are taken for the oldest. */
const VERSIONS = ['HTTP/1.0', 'HTTP/1.1', 'HTTP/2.0', 'HTTP/3.0'];

/** Of the request, what shapes its response. */
export interface CgiAsked {
  readonly form: 'parsed' | 'nph';
  readonly isHead: boolean;
  readonly serverProtocol: string;
}

export class CgiResponse implements ResponseWriter {
  readonly isPersistent = false;
  readonly endsByClose = true;
  readonly #asked: CgiAsked;
  /** Bytes that the Content-Length still promises. */
  #missing = 0;

  constructor(asked: CgiAsked) {
    this.#asked = asked;
  }

  get isCut(): boolean {
    return this.#missing > 0;
  }

  begin(start: ResponseStart, memory: ResponseMemory = OWN_MEMORY): Buffer {
    const { status, contentLength, bytes, headStart, bodyStart, bodyEnd } = start;
    const hasBody = !this.#asked.isHead && status !== 204 && status !== 304;
    if (hasBody && contentLength > 0) this.#missing = contentLength;
    this.#count(bodyEnd - bodyStart);
    const before = this.#firstWords();
    const out = memory.take(before.length + bodyEnd - headStart + END_OF_HEAD.length);
    let at = out.write(before, 'latin1');
    at += bytes.copy(out, at, headStart, bodyStart);
    at += out.write(END_OF_HEAD, at, 'latin1');
    bytes.copy(out, at, bodyStart, bodyEnd);
    return out;
  }

  body(bytes: Buffer, from: number, to: number): readonly Buffer[] {
    this.#count(to - from);
    return to === from ? [] : [bytes.subarray(from, to)];
  }

  end(): Buffer {
    return NOTHING;
  }

  #count(size: number): void {
    this.#missing = Math.max(0, this.#missing - size);
  }

  #firstWords(): string {
    if (this.#asked.form === 'parsed') return STATUS;
    const { serverProtocol } = this.#asked;
    return `${VERSIONS.includes(serverProtocol) ? serverProtocol : 'HTTP/1.0'} `;
  }
}
