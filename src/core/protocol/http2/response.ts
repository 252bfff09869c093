/**
 * A response of HTTP/2: the application's head as fields, without those that belong to a connection (RFC 9113 8.2.2), and a body that the
 * stream frames by itself.
 */
import { FIELD_NAME } from './field-name.ts';
import type { ResponseStart, ResponseWriter } from '../response.ts';

export interface Http2Head {
  readonly status: number;
  /** By their names in small letters. */
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
  /** There is no body behind it. */
  readonly isAll: boolean;
}

const NOTHING = Buffer.alloc(0);
const OF_CONNECTIONS = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings', 'te', 'trailer'];
const WITHOUT_BODY = [204, 205, 304];
/** What cannot be a final status is the application's fault. */
const BAD_STATUS = 502;

export class Http2Response implements ResponseWriter {
  readonly isPersistent = true;
  readonly endsByClose = false;
  readonly #isHead: boolean;
  readonly #send: (head: Http2Head) => void;
  #hasBody = false;
  /** Bytes that the Content-Length still promises; Infinity without one. */
  #missing = Infinity;

  /** @param send called once, with the head */
  constructor(isHead: boolean, send: (head: Http2Head) => void) {
    this.#isHead = isHead;
    this.#send = send;
  }

  get isCut(): boolean {
    return this.#hasBody && this.#missing > 0 && this.#missing !== Infinity;
  }

  /** The first piece of the body; the head has gone its own way. */
  begin(start: ResponseStart): Buffer {
    const { contentLength, bodyStart, bodyEnd, isEnd } = start;
    const status = start.status >= 200 && start.status <= 599 ? start.status : BAD_STATUS;
    const [, ...lines] = start.bytes.toString('latin1', start.headStart, bodyStart).split('\r\n');
    const fields = fieldsOf(lines);
    this.#hasBody = !this.#isHead && !WITHOUT_BODY.includes(status);
    if (this.#hasBody && isEnd && contentLength < 0) fields['content-length'] = String(bodyEnd - bodyStart);
    if (contentLength >= 0) this.#missing = contentLength;
    const [piece = NOTHING] = this.body(start.bytes, bodyStart, bodyEnd);
    this.#send({ status, fields, isAll: !this.#hasBody || (isEnd && piece.length === 0 && !this.isCut) });
    return Buffer.from(piece);
  }

  body(bytes: Buffer, from: number, to: number): readonly Buffer[] {
    const size = Math.min(to - from, this.#missing);
    if (!this.#hasBody || size <= 0) return [];
    this.#missing -= size;
    return [bytes.subarray(from, from + size)];
  }

  end(): Buffer {
    return NOTHING;
  }
}

/** The fields of a 103, "Name: value\r\n…", as a response has them. */
export function hintsOf(fields: Buffer): Http2Head['fields'] {
  return fieldsOf(fields.toString('latin1').split('\r\n'));
}

/** Those of a name that comes several times are joined, which means the same; only cookies are not. */
function fieldsOf(lines: readonly string[]): Record<string, string | string[]> {
  const all = lines.filter((line) => line !== '').map(splitLine);
  const dropped = new Set([...OF_CONNECTIONS, ...all.filter(([name]) => name === 'connection').flatMap(([, value]) => namesIn(value))]);
  const cookies = all.filter(([name]) => name === 'set-cookie').map(([, value]) => value);
  const fields: Record<string, string | string[]> = Object.create(null) as Record<string, string>;
  for (const [name, value] of all) {
    if (dropped.has(name) || name === 'set-cookie' || !FIELD_NAME.test(name)) continue;
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (name !== 'content-length') fields[name] = `${String(before)}, ${value}`;
  }
  if (cookies.length > 0) fields['set-cookie'] = cookies;
  return fields;
}

function splitLine(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function namesIn(value: string): readonly string[] {
  return value.split(',').map((name) => name.trim().toLowerCase());
}
