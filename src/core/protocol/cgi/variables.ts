/**
 * The variables of a request in the way of CGI (RFC 3875 4.1), as FastCGI, SCGI and uwsgi bring them. The application's environ is these and
 * nothing else: what they say is the web server's word.
 */
import { ProtocolError, type ProtocolName } from '../../errors/protocol.ts';
import type { EncodeKey, EnvironKey, EnvironWriter } from '../environ.ts';
import { printable } from '../describe.ts';

/** Names that are kept in their encoded form. A web server has some dozens, and each header that a client invents is one more. */
const KEYS_MAX = 1024;
const NAME = /^[\x21-\x3c\x3e-\x7e]+$/;
const DESCRIPTION_MAX = 200;
/** The client's `Proxy:`, which many HTTP clients would take for their configuration (https://httpoxy.org). */
const PROXY = 'HTTP_PROXY';

/** Where a variable stands in the bytes of its request. */
export interface Variable {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** What the server itself needs to know of a request. */
export interface CgiHead {
  /** Undefined where CONTENT_LENGTH says nothing. */
  readonly contentLength: number | undefined;
  readonly isHead: boolean;
  readonly serverProtocol: string;
  /** "GET /path" for a log line. */
  readonly description: string;
}

export class CgiVariables {
  readonly #protocol: ProtocolName;
  readonly #encodeKey: EncodeKey;
  readonly #keys = new Map<string, EnvironKey>();

  constructor(protocol: ProtocolName, encodeKey: EncodeKey) {
    this.#protocol = protocol;
    this.#encodeKey = encodeKey;
  }

  /** The name of a variable, checked. */
  name(bytes: Buffer, from: number, to: number): string {
    const name = bytes.toString('latin1', from, to);
    if (!NAME.test(name)) throw ProtocolError.malformed(this.#protocol, `a variable whose name is none: "${printable(name.slice(0, 40))}"`);
    return name;
  }

  /** Of two variables of the same name the later one counts, as in uWSGI; two lengths must be equal, or two programs could read two bodies. */
  head(bytes: Buffer, variables: readonly Variable[]): CgiHead {
    const text = { REQUEST_METHOD: '', REQUEST_URI: '', SERVER_PROTOCOL: '' };
    let contentLength: number | undefined;
    for (const { name, from, to } of variables) {
      if (name === 'CONTENT_LENGTH') contentLength = this.#readLength(bytes.toString('latin1', from, to), contentLength);
      else if (isIn(name, text)) text[name] = bytes.toString('latin1', from, to);
    }
    const description = `${text.REQUEST_METHOD} ${text.REQUEST_URI}`.slice(0, DESCRIPTION_MAX);
    return {
      contentLength,
      isHead: text.REQUEST_METHOD === 'HEAD',
      serverProtocol: text.SERVER_PROTOCOL,
      description: printable(description),
    };
  }

  write(environ: EnvironWriter, bytes: Buffer, variables: readonly Variable[]): void {
    for (const { name, from, to } of variables) if (name !== PROXY) environ.pair(this.#keyOf(name), bytes, from, to);
  }

  /** An empty one says nothing: nginx sends it with requests that have no body. Over uwsgi one that is no number is none, as in uWSGI. */
  #readLength(text: string, before: number | undefined): number | undefined {
    if (text === '') return before;
    if (this.#protocol === 'uwsgi' && !/^\d+$/.test(text)) return 0;
    if (/^\d{16,}$/.test(text)) throw ProtocolError.refused(400, `a CONTENT_LENGTH of ${text.length} digits`);
    if (!/^\d+$/.test(text))
      throw ProtocolError.malformed(this.#protocol, `a CONTENT_LENGTH that is no number: "${printable(text.slice(0, 40))}"`);
    const length = Number(text);
    if (before !== undefined && before !== length) throw ProtocolError.malformed(this.#protocol, 'two different CONTENT_LENGTHs');
    return length;
  }

  #keyOf(name: string): EnvironKey {
    const known = this.#keys.get(name);
    if (known) return known;
    if (this.#keys.size === KEYS_MAX) this.#keys.clear();
    const key = this.#encodeKey(name);
    this.#keys.set(name, key);
    return key;
  }
}

function isIn<Table extends object>(name: string, table: Table): name is keyof Table & string {
  return Object.hasOwn(table, name);
}
