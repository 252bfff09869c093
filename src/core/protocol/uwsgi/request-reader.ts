/**
 * A request of the uwsgi protocol, one a connection, where the gateway hears it (https://uwsgi-docs.readthedocs.io/en/latest/Protocol.html):
 *
 *     | modifier1 u8 | size u16 | modifier2 u8 | (size u16, bytes)* |        little-endian; names and values alternate, the body follows
 *
 * At the direct door a worker reads it: python/tsuwsgi/packet.py, which takes and refuses the same.
 */
import { ProtocolError } from '../../errors/protocol.ts';
import { HeldBytes } from '../../util/held-bytes.ts';
import { CgiResponse } from '../cgi/response.ts';
import type { CgiTerms } from '../cgi/terms.ts';
import { LastRequest } from '../cgi/last-request.ts';
import type { Variable } from '../cgi/variables.ts';
import type { EnvironWriter } from '../environ.ts';
import type { RequestHead, RequestReader } from '../request-reader.ts';

const HEAD_SIZE = 4;
/** 0 is uWSGI's Python; 5 is the same request for an application in Perl; 30 was to cut SCRIPT_NAME off, which with Python 3 it does not. */
const WSGI_MODIFIERS = [0, 5, 30];
const PING_MODIFIER = 100;
const PONG = Buffer.of(PING_MODIFIER, 0, 0, 1);
const NOTHING = Buffer.alloc(0);
/** The beginning of a method in capitals, perhaps a short one with its target behind it. No plugin has a letter as its modifier. */
const HTTP_BEGINNING = /^[A-Z][A-Z-]{2}[A-Z\- ]/;
const TLS_HANDSHAKE = '\x16\x03';

export class UwsgiReader implements RequestReader {
  readonly #terms: CgiTerms;
  readonly #held = new HeldBytes();
  readonly #request: LastRequest;
  rest: Buffer = NOTHING;

  constructor(terms: CgiTerms) {
    this.#terms = terms;
    this.#request = new LastRequest(terms);
  }

  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  push(chunk: Buffer): RequestHead | undefined {
    const bytes = this.#hold(chunk);
    if (bytes.length < HEAD_SIZE) return undefined;
    if (bytes[0] === PING_MODIFIER)
      return { isPersistent: false, body: { kind: 'length', length: 0 }, expectsContinue: false, answer: PONG };
    const end = HEAD_SIZE + this.#blockSize(bytes);
    if (bytes.length < end) return undefined;
    const variables = this.#readVariables(bytes, end);
    this.rest = bytes.subarray(end);
    return this.#request.take(bytes, variables);
  }

  writeEnviron(environ: EnvironWriter): void {
    this.#request.writeEnviron(environ);
  }

  respond(): CgiResponse {
    return new CgiResponse(this.#request.asked('nph', 'HTTP/1.1'));
  }

  describe(): string {
    return this.#request.describe();
  }

  /** Most requests come in one chunk and are not copied. */
  #hold(chunk: Buffer): Buffer {
    if (this.isEmpty && chunk.length >= HEAD_SIZE && chunk.length >= HEAD_SIZE + chunk.readUInt16LE(1)) return chunk;
    this.#held.push(chunk);
    return this.#held.bytes;
  }

  /** Judged by the packet's head alone: more than the limit is not even read. */
  #blockSize(bytes: Buffer): number {
    if (!WSGI_MODIFIERS.includes(bytes.readUInt8(0))) throw wrongModifier(bytes);
    const size = bytes.readUInt16LE(1);
    if (size === 0) throw ProtocolError.dropped("a uwsgi packet without any variable: give the proxy's request its uwsgi_params");
    const { limit } = this.#terms;
    if (size > limit) {
      throw ProtocolError.dropped(`a uwsgi packet of ${size} bytes; buffer-size allows ${limit}: set buffer-size = ${size} or more`);
    }
    return size;
  }

  #readVariables(bytes: Buffer, end: number): readonly Variable[] {
    const found: Variable[] = [];
    for (let at = HEAD_SIZE; at < end;) {
      const nameEnd = textEnd(bytes, at, end);
      const valueEnd = textEnd(bytes, nameEnd, end);
      if (nameEnd === at + 2) throw ProtocolError.dropped('a malformed uwsgi packet: a variable without a name');
      found.push({ name: this.#terms.variables.name(bytes, at + 2, nameEnd), from: nameEnd + 2, to: valueEnd });
      at = valueEnd;
    }
    const { maxVariables } = this.#terms;
    if (maxVariables > 0 && found.length > maxVariables) {
      const enough = Math.ceil(found.length / 2);
      throw ProtocolError.dropped(
        `a uwsgi packet of ${found.length} variables; max-vars allows ${maxVariables}: set max-vars = ${enough} or more`,
      );
    }
    return found;
  }
}

/** Where the text whose size stands at `at` ends. */
function textEnd(bytes: Buffer, at: number, end: number): number {
  const from = at + 2;
  const to = from > end ? from : from + bytes.readUInt16LE(at);
  if (to > end) throw ProtocolError.dropped('a malformed uwsgi packet: a length in it leads past its end');
  return to;
}

function wrongModifier(bytes: Buffer): ProtocolError {
  const beginning = bytes.toString('latin1', 0, HEAD_SIZE);
  if (HTTP_BEGINNING.test(beginning)) {
    return ProtocolError.dropped(
      'plain HTTP arrived on a uwsgi socket: use uwsgi_pass instead of proxy_pass in nginx, ' +
        'or let this address speak HTTP with http-socket instead of socket',
    );
  }
  if (beginning.startsWith(TLS_HANDSHAKE)) {
    return ProtocolError.dropped(
      'TLS (https) arrived on a uwsgi socket, which speaks the uwsgi protocol only: put nginx with uwsgi_pass in front',
    );
  }
  return ProtocolError.refused(
    501,
    `a uwsgi packet with modifier1 ${bytes[0]}; this server runs WSGI applications only, which is modifier1 0: ` +
      "remove uwsgi_modifier1 from the proxy's configuration",
  );
}
