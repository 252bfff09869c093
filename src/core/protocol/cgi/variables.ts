/**
 * The variables of a request in the way of CGI (RFC 3875 4.1), as FastCGI, SCGI and uwsgi bring them. The application's environ is these and
 * nothing else: what they say is the web server's word.
 */
import { ProtocolError, type ProtocolName } from '../../errors/protocol.ts';
import type { EncodeKey, EnvironWriter } from '../environ.ts';
import { printable } from '../describe.ts';
import { type VariableName, VariableNames } from './variable-names.ts';

const NAME = /^[\x21-\x3c\x3e-\x7e]+$/;
const DESCRIPTION_MAX = 200;

/** Where a variable stands in the bytes of its request. */
export interface Variable {
  readonly name: VariableName;
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
  readonly #names: VariableNames;

  constructor(protocol: ProtocolName, encodeKey: EncodeKey) {
    this.#protocol = protocol;
    this.#names = new VariableNames(encodeKey, (name) => this.#check(name));
  }

  /** The name of a variable, checked. */
  name(bytes: Uint8Array, from: number, to: number): VariableName {
    return this.#names.find(bytes, from, to);
  }

  /** Of two variables of the same name the later one counts, as in uWSGI; two lengths must be equal, or two programs could read two bodies. */
  head(bytes: Buffer, variables: readonly Variable[]): CgiHead {
    let method = '';
    let uri = '';
    let serverProtocol = '';
    let contentLength: number | undefined;
    for (const { name, from, to } of variables) {
      switch (name.role) {
        case 'content-length':
          contentLength = this.#readLength(bytes.toString('latin1', from, to), contentLength);
          break;
        case 'method':
          method = bytes.toString('latin1', from, to);
          break;
        case 'uri':
          uri = bytes.toString('latin1', from, to);
          break;
        case 'protocol':
          serverProtocol = bytes.toString('latin1', from, to);
          break;
        case 'plain':
        case 'dropped':
          break;
      }
    }
    const description = printable(`${method} ${uri}`.slice(0, DESCRIPTION_MAX));
    return { contentLength, isHead: method === 'HEAD', serverProtocol, description };
  }

  write(environ: EnvironWriter, bytes: Buffer, variables: readonly Variable[]): void {
    for (const { name, from, to } of variables) if (name.role !== 'dropped') environ.pair(name.key, bytes, from, to);
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

  #check(name: string): void {
    if (!NAME.test(name)) throw ProtocolError.malformed(this.#protocol, `a variable whose name is none: "${printable(name.slice(0, 40))}"`);
  }
}
