/**
 * The head of an HTTP/1.x request (RFC 9112 2 to 6), read strictly: what two programs could read in two ways is refused,
 * because that is how requests are smuggled past a proxy.
 *
 *     GET /path?query HTTP/1.1 CRLF
 *     Name: value CRLF
 *     CRLF
 */
import { ProtocolError } from '../../errors/protocol.ts';
import type { EncodeKey, EnvironWriter } from '../environ.ts';
import type { Framing, RequestHead } from '../request-reader.ts';
import {
  ASTERISK,
  COLON,
  CR,
  DELETE,
  DOT,
  foldToken,
  HASH,
  isFieldValue,
  isHostName,
  LF,
  PERCENT,
  QUESTION,
  SLASH,
  SPACE,
  TAB,
} from './characters.ts';
import { isHost } from './host.ts';
import { FieldNames, type FieldName } from './field-names.ts';
import { decodePath } from './path.ts';

const MAX_FIELDS = 256;
const VERSION = Buffer.from('HTTP/1.');
const VERSIONS = [Buffer.from('HTTP/1.0'), Buffer.from('HTTP/1.1')] as const;
const ROOT = Buffer.from('/');
const HEAD_METHOD = 'HEAD';

/** Number of the version after "HTTP/1.". */
export type Minor = 0 | 1;

const NO_BODY: Framing = { kind: 'length', length: 0 };
const CHUNKED: Framing = { kind: 'chunked' };

/** What the server itself needs to know of a request in HTTP. */
export interface HttpRequestHead extends RequestHead {
  readonly minor: Minor;
  readonly isHead: boolean;
  /** Where the head ends in the bytes that were parsed. */
  readonly end: number;
}

/** Parses heads and writes their environ. One for all connections: it keeps nothing from one head to the next but known names. */
export class RequestHeadParser {
  /** Another one may come into force between two requests. */
  limit: number;
  readonly #names: FieldNames;
  readonly #keys: Readonly<Record<'method' | 'uri' | 'path' | 'query' | 'protocol' | 'host', Uint8Array>>;
  #request = 0;

  #bytes: Buffer = ROOT;
  #method = { from: 0, to: 0 };
  #target = { from: 0, to: 0 };
  /** The path as the environ has it. */
  #path: { bytes: Buffer; from: number; to: number } = { bytes: ROOT, from: 0, to: 0 };
  #query = 0;
  /** The host of an absolute target, which stands above the Host field (RFC 9112 3.2.2). */
  #authority: { readonly from: number; readonly to: number } | undefined;
  #minor: Minor = 1;

  #count = 0;
  readonly #fields: FieldName[] = [];
  readonly #from = new Int32Array(MAX_FIELDS);
  readonly #to = new Int32Array(MAX_FIELDS);

  readonly #version: Buffer | undefined;
  #hosts = 0;
  #host = { from: 0, to: 0 };
  #contentLength: number | undefined;
  #isChunked = false;
  #asksClose = false;
  #asksKeepAlive = false;
  #expectsContinue = false;

  /**
   * @param limit the largest head, in bytes
   * @param version what requests are said to be, where it is not what their heads say
   */
  constructor(limit: number, encodeKey: EncodeKey, version?: string) {
    this.limit = limit;
    this.#version = version === undefined ? undefined : Buffer.from(version);
    this.#names = new FieldNames(encodeKey);
    this.#keys = {
      method: encodeKey('REQUEST_METHOD'),
      uri: encodeKey('REQUEST_URI'),
      path: encodeKey('PATH_INFO'),
      query: encodeKey('QUERY_STRING'),
      protocol: encodeKey('SERVER_PROTOCOL'),
      host: encodeKey('HTTP_HOST'),
    };
  }

  /**
   * Reads the head that begins at `from`; there must be a blank line behind it. Every loop below ends at a CR, so none runs past it.
   */
  parse(bytes: Buffer, from: number): HttpRequestHead {
    this.#reset(bytes);
    const fields = this.#parseRequestLine(from);
    if (fields - 2 - from > this.limit) throw ProtocolError.refused(414, uriTooLong(this.limit));
    const end = this.#parseFields(fields);
    if (end - from > this.limit) throw ProtocolError.tooLarge('http', end - from, this.limit);
    this.#check();
    return {
      minor: this.#minor,
      isHead: this.#method.to - from === HEAD_METHOD.length && this.#text(this.#method) === HEAD_METHOD,
      isPersistent: !this.#asksClose && (this.#minor === 1 || this.#asksKeepAlive),
      body: this.#framing(),
      expectsContinue: this.#expectsContinue,
      // HTTP/1.0 knows no informational responses (RFC 9110 15.2).
      takesHints: this.#minor === 1,
      end,
    };
  }

  /** Host and port as the last head names them; empty where it names none. */
  get host(): string {
    return this.#authority || this.#hosts > 0 ? this.#text(this.#authority ?? this.#host) : '';
  }

  /** Writes what the last head says. CONTENT_LENGTH is there only if the client sent it. */
  writeEnviron(environ: EnvironWriter): void {
    const bytes = this.#bytes;
    const keys = this.#keys;
    const version = this.#version ?? VERSIONS[this.#minor];
    environ.pair(keys.method, bytes, this.#method.from, this.#method.to);
    environ.pair(keys.uri, bytes, this.#target.from, this.#target.to);
    environ.pair(keys.path, this.#path.bytes, this.#path.from, this.#path.to);
    environ.pair(keys.query, bytes, this.#query, this.#target.to);
    environ.pair(keys.protocol, version, 0, version.length);
    if (this.#authority) environ.pair(keys.host, bytes, this.#authority.from, this.#authority.to);

    for (let index = 0; index < this.#count; index++) {
      const name = this.#fields[index];
      if (name?.first !== index || !this.#isInEnviron(name)) continue;
      if (name.isRepeated && name.role !== 'content-length') this.#writeJoined(environ, name);
      else environ.pair(name.key, bytes, this.#from[index] ?? 0, this.#to[index] ?? 0);
    }
  }

  #reset(bytes: Buffer): void {
    this.#names.trim();
    this.#request++;
    this.#bytes = bytes;
    this.#authority = undefined;
    this.#count = 0;
    this.#hosts = 0;
    this.#contentLength = undefined;
    this.#isChunked = false;
    this.#asksClose = false;
    this.#asksKeepAlive = false;
    this.#expectsContinue = false;
  }

  /** Returns where the fields begin. */
  #parseRequestLine(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    while (foldToken(bytes[at]) !== 0) at++;
    if (at === from || bytes[at] !== SPACE) throw ProtocolError.malformed('http', 'no method');
    this.#method.from = from;
    this.#method.to = at;

    const target = ++at;
    let query = -1;
    let needsDecoding = false;
    for (let byte = bytes[at] ?? 0; byte > SPACE && byte !== DELETE; byte = bytes[++at] ?? 0) {
      if (query !== -1) continue;
      if (byte === QUESTION) query = at;
      else if (byte === PERCENT || byte === HASH || (byte === DOT && bytes[at - 1] === SLASH)) needsDecoding = true;
    }
    if (at === target) throw ProtocolError.malformed('http', 'no target');
    if (bytes[at] !== SPACE) throw ProtocolError.malformed('http', bytes[at] === CR ? 'no version' : 'a control character in the target');
    this.#target.from = target;
    this.#target.to = at;
    this.#query = query === -1 ? at : query + 1;
    this.#parseTarget(query === -1 ? at : query, needsDecoding);
    return this.#parseVersion(at + 1);
  }

  /** @param end where the query begins, or the target ends */
  #parseTarget(end: number, needsDecoding: boolean): void {
    const bytes = this.#bytes;
    const { from } = this.#target;
    const path = bytes[from] === SLASH ? from : this.#parseOtherForm(end);
    if (path === end) this.#setPath(ROOT, 0, 1);
    else if (needsDecoding) {
      const decoded = decodePath(bytes, path, end);
      this.#setPath(decoded, 0, decoded.length);
    } else this.#setPath(bytes, path, end);
  }

  /** A target that is no path (RFC 9112 3.2.2 to 3.2.4); returns where its path begins. */
  #parseOtherForm(end: number): number {
    const { from, to } = this.#target;
    if (this.#bytes[from] === ASTERISK && to === from + 1 && this.#text(this.#method) === 'OPTIONS') return from;

    const scheme = /^https?:\/\//i.exec(this.#text({ from, to: Math.min(to, from + 8) }));
    if (!scheme) throw ProtocolError.malformed('http', 'a target that is neither a path nor an http address');
    const host = from + scheme[0].length;
    let at = host;
    while (at < end && this.#bytes[at] !== SLASH && this.#bytes[at] !== HASH) at++;
    if (at === host) throw ProtocolError.malformed('http', 'a target without a host');
    this.#authority = { from: host, to: at };
    this.#checkHost(host, at);
    return this.#bytes[at] === HASH ? end : at;
  }

  #parseVersion(at: number): number {
    const bytes = this.#bytes;
    const minor = (bytes[at + VERSION.length] ?? 0) - 0x30;
    for (let index = 0; index < VERSION.length; index++) {
      if (bytes[at + index] !== VERSION[index]) throw this.#wrongVersion(at);
    }
    if ((minor !== 0 && minor !== 1) || bytes[at + 8] !== CR) throw this.#wrongVersion(at);
    if (bytes[at + 9] !== LF) throw ProtocolError.malformed('http', 'a CR without LF');
    this.#minor = minor;
    return at + 10;
  }

  #wrongVersion(at: number): ProtocolError {
    const text = this.#text({ from: at, to: at + 9 });
    if (/^HTTP\/\d\.\d\r/.test(text)) return ProtocolError.refused(505, `${text.trim()} is not served, only HTTP/1.0 and HTTP/1.1`);
    return ProtocolError.malformed('http', 'a version that is none');
  }

  /** Returns where the head ends. */
  #parseFields(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    while (bytes[at] !== CR) {
      if (this.#count === MAX_FIELDS) throw ProtocolError.refused(431, `the http request head has more than ${MAX_FIELDS} fields`);
      const name = this.#names.find(bytes, at);
      const colon = at + name.folded.length;
      if (colon === at || bytes[colon] !== COLON) throw wrongName(bytes, at, colon);

      let start = colon + 1;
      while (bytes[start] === SPACE || bytes[start] === TAB) start++;
      at = start;
      while (isFieldValue(bytes[at])) at++;
      if (bytes[at] !== CR) throw ProtocolError.malformed('http', 'a control character in a field');
      if (bytes[at + 1] !== LF) throw ProtocolError.malformed('http', 'a CR without LF');
      let end = at;
      while (end > start && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB)) end--;
      this.#addField(name, start, end);
      at += 2;
    }
    if (bytes[at + 1] !== LF) throw ProtocolError.malformed('http', 'a CR without LF');
    return at + 2;
  }

  #addField(name: FieldName, from: number, to: number): void {
    const index = this.#count++;
    this.#fields[index] = name;
    this.#from[index] = from;
    this.#to[index] = to;
    if (name.request === this.#request) name.isRepeated = true;
    else {
      name.request = this.#request;
      name.first = index;
      name.isRepeated = false;
    }
    if (name.role !== 'plain') this.#heed(name.role, from, to);
  }

  #heed(role: FieldName['role'], from: number, to: number): void {
    switch (role) {
      case 'host':
        this.#hosts++;
        this.#host = { from, to };
        this.#checkHost(from, to);
        return;
      case 'connection':
        this.#heedConnection(this.#text({ from, to }).toLowerCase());
        return;
      case 'content-length':
        this.#heedContentLength(this.#text({ from, to }));
        return;
      case 'transfer-encoding':
        if (this.#isChunked || this.#text({ from, to }).toLowerCase() !== 'chunked') {
          throw ProtocolError.malformed('http', 'a Transfer-Encoding other than chunked');
        }
        this.#isChunked = true;
        return;
      case 'expect':
        this.#heedExpect(this.#text({ from, to }));
        return;
      case 'plain':
      case 'dropped':
        return;
    }
  }

  #heedConnection(value: string): void {
    for (const option of value.split(',')) {
      if (option.trim() === 'close') this.#asksClose = true;
      if (option.trim() === 'keep-alive') this.#asksKeepAlive = true;
    }
  }

  #heedContentLength(value: string): void {
    if (!/^\d{1,15}$/.test(value)) throw ProtocolError.malformed('http', 'a Content-Length that is no number');
    const length = Number(value);
    if (this.#contentLength !== undefined && this.#contentLength !== length) {
      throw ProtocolError.malformed('http', 'two different Content-Lengths');
    }
    this.#contentLength = length;
  }

  /** An HTTP/1.0 client cannot mean it (RFC 9110 10.1.1). */
  #heedExpect(value: string): void {
    if (this.#minor === 0) return;
    if (value.toLowerCase() !== '100-continue') throw ProtocolError.refused(417, `the expectation "${value}" cannot be met`);
    this.#expectsContinue = true;
  }

  #checkHost(from: number, to: number): void {
    let at = from;
    while (at < to && isHostName(this.#bytes[at]) && !(this.#bytes[at] === DOT && this.#bytes[at - 1] === DOT)) at++;
    if (at < to && !isHost(this.#text({ from, to }))) throw ProtocolError.malformed('http', 'a Host that is none');
  }

  /** What only the whole head shows. */
  #check(): void {
    if (this.#hosts > 1) throw ProtocolError.malformed('http', 'more than one Host');
    if (this.#hosts === 0 && this.#minor === 1) throw ProtocolError.malformed('http', 'no Host');
    if (!this.#isChunked) return;
    if (this.#contentLength !== undefined) throw ProtocolError.malformed('http', 'both Content-Length and Transfer-Encoding');
    if (this.#minor === 0) throw ProtocolError.malformed('http', 'a Transfer-Encoding in HTTP/1.0');
  }

  #framing(): Framing {
    if (this.#isChunked) return CHUNKED;
    return this.#contentLength === undefined || this.#contentLength === 0 ? NO_BODY : { kind: 'length', length: this.#contentLength };
  }

  /** A chunked body's coding is undone here, so whoever reads the body decides what the application hears of it. */
  #isInEnviron(name: FieldName): boolean {
    if (name.role === 'dropped' || name.role === 'transfer-encoding') return false;
    return name.role !== 'host' || this.#authority === undefined;
  }

  #writeJoined(environ: EnvironWriter, name: FieldName): void {
    const values: string[] = [];
    for (let index = name.first; index < this.#count; index++) {
      if (this.#fields[index] === name) values.push(this.#text({ from: this.#from[index] ?? 0, to: this.#to[index] ?? 0 }));
    }
    const joined = Buffer.from(values.join(name.separator), 'latin1');
    environ.pair(name.key, joined, 0, joined.length);
  }

  #setPath(bytes: Buffer, from: number, to: number): void {
    this.#path.bytes = bytes;
    this.#path.from = from;
    this.#path.to = to;
  }

  #text({ from, to }: { readonly from: number; readonly to: number }): string {
    return this.#bytes.toString('latin1', from, to);
  }
}

export function uriTooLong(limit: number): string {
  return `the request line is longer than buffer-size = ${limit}`;
}

function wrongName(bytes: Uint8Array, from: number, at: number): ProtocolError {
  const byte = bytes[at];
  if (at === from && (byte === SPACE || byte === TAB)) return ProtocolError.malformed('http', 'a folded field');
  if (at === from) return ProtocolError.malformed('http', 'a field without a name');
  if (byte === SPACE || byte === TAB) return ProtocolError.malformed('http', 'a blank before a colon');
  return ProtocolError.malformed('http', 'a field name that is none');
}
