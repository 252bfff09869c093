/**
 * A request of SCGI, one a connection: a netstring of variables, and the body behind it.
 *
 *     size ":" ( name NUL value NUL )* ","  body
 *
 * CONTENT_LENGTH comes first and is never missing, and SCGI is "1" (python.ca/scgi/protocol.txt).
 */
import { ProtocolError } from '../../errors/protocol.ts';
import { HeldBytes } from '../../util/held-bytes.ts';
import { LastRequest } from '../cgi/last-request.ts';
import type { Variable } from '../cgi/variables.ts';
import { CgiResponse } from '../cgi/response.ts';
import type { CgiTerms } from '../cgi/terms.ts';
import type { EnvironWriter } from '../environ.ts';
import type { RequestHead, RequestReader } from '../request-reader.ts';

const COLON = 0x3a;
const COMMA = 0x2c;
const ONE = 0x31;
/** No head that a buffer-size allows has more digits. */
const SIZE_DIGITS = 10;
const NOTHING = Buffer.alloc(0);

export class ScgiReader implements RequestReader {
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
    const colon = bytes.indexOf(COLON);
    if (colon === -1 || colon > SIZE_DIGITS) return refuseNoSize(bytes);
    const size = this.#readSize(bytes.toString('latin1', 0, colon));
    const from = colon + 1;
    const end = from + size;
    if (bytes.length <= end) return undefined;
    if (bytes[end] !== COMMA) throw ProtocolError.malformed('scgi', 'a head that does not end where it says');

    const variables = this.#readVariables(bytes, from, end);
    this.rest = bytes.subarray(end + 1);
    return this.#request.take(bytes, variables);
  }

  writeEnviron(environ: EnvironWriter): void {
    this.#request.writeEnviron(environ);
  }

  respond(): CgiResponse {
    return new CgiResponse(this.#request.asked(this.#terms.form, ''));
  }

  describe(): string {
    return this.#request.describe();
  }

  /** Most heads come in one chunk and are not copied. */
  #hold(chunk: Buffer): Buffer {
    if (this.isEmpty && isWhole(chunk)) return chunk;
    this.#held.push(chunk);
    return this.#held.bytes;
  }

  #readSize(digits: string): number {
    if (!/^[1-9]\d*$/.test(digits)) throw ProtocolError.malformed('scgi', 'a head without a size; is it SCGI?');
    const size = Number(digits);
    // Before the head is here: nobody may make us hold more than we would accept.
    if (size > this.#terms.limit) throw ProtocolError.tooLarge('scgi', size, this.#terms.limit);
    return size;
  }

  #readVariables(bytes: Buffer, from: number, end: number): readonly Variable[] {
    const found: Variable[] = [];
    for (let at = from; at < end;) {
      const nameEnd = nextNul(bytes, at, end);
      const valueEnd = nextNul(bytes, nameEnd + 1, end);
      found.push({ name: this.#terms.variables.name(bytes, at, nameEnd), from: nameEnd + 1, to: valueEnd });
      at = valueEnd + 1;
    }
    checkFirst(found);
    checkScgi(bytes, found);
    return found;
  }
}

/** Its size is there, and so many bytes: the comma that has to follow is looked at later. */
function isWhole(chunk: Buffer): boolean {
  const colon = chunk.indexOf(COLON);
  return colon > 0 && colon <= SIZE_DIGITS && chunk.length > colon + 1 + Number(chunk.toString('latin1', 0, colon));
}

/** Bytes that may still become a size are waited for. */
function refuseNoSize(bytes: Buffer): undefined {
  if (bytes.length <= SIZE_DIGITS && /^[1-9]\d*$/.test(bytes.toString('latin1', 0, bytes.length))) return undefined;
  throw ProtocolError.malformed('scgi', 'a head without a size; is it SCGI?');
}

function checkFirst([first]: readonly Variable[]): void {
  if (first?.name.text !== 'CONTENT_LENGTH' || first.from === first.to) {
    throw ProtocolError.malformed('scgi', 'CONTENT_LENGTH is not the first of the variables');
  }
}

function checkScgi(bytes: Buffer, found: readonly Variable[]): void {
  let isThere = false;
  for (const { name, from, to } of found) {
    if (name.text !== 'SCGI') continue;
    isThere = to - from === 1 && bytes[from] === ONE;
    if (!isThere) break;
  }
  if (!isThere) throw ProtocolError.malformed('scgi', 'no SCGI = 1 among the variables');
}

function nextNul(bytes: Buffer, from: number, end: number): number {
  const at = bytes.indexOf(0, from);
  if (at === -1 || at >= end) throw ProtocolError.malformed('scgi', 'a variable that runs past the end of the head');
  return at;
}
