import type { EncodeKey, EnvironKey } from '../environ.ts';
import { NameTable } from '../name-table.ts';
import { foldToken } from './characters.ts';

/** What a field means to the server itself; `plain` ones only go into the environ. */
export type FieldRole = 'plain' | 'dropped' | 'host' | 'connection' | 'content-length' | 'transfer-encoding' | 'expect';

/** One field name, whatever its case, and where the request at hand has it. */
export interface FieldName {
  readonly folded: Uint8Array;
  readonly role: FieldRole;
  readonly key: EnvironKey;
  /** What stands between the values of fields of this name. */
  readonly separator: string;
  /** Number of the request that had it last, its place in there, and whether it came more than once. */
  request: number;
  first: number;
  isRepeated: boolean;
}

const ROLES: Readonly<Record<string, FieldRole>> = {
  HOST: 'host',
  CONNECTION: 'connection',
  'CONTENT-LENGTH': 'content-length',
  'TRANSFER-ENCODING': 'transfer-encoding',
  EXPECT: 'expect',
  // It would become HTTP_PROXY, which many HTTP clients take for their configuration (https://httpoxy.org).
  PROXY: 'dropped',
};

/**
 * Every field name seen lately with its environ key, so that a known header costs one look-up of its raw bytes and no string.
 * It forgets all names between two requests when clients invented too many.
 */
export class FieldNames {
  readonly #encodeKey: EncodeKey;
  readonly #known = new NameTable<FieldName>();

  constructor(encodeKey: EncodeKey) {
    this.#encodeKey = encodeKey;
  }

  /** To be called between requests, never within one: repeated fields are found by the identity of their name. */
  trim(): void {
    if (!this.#known.hasRoomFor(0, 0)) this.#known.clear();
  }

  /** The name that begins at `from` and ends before the first byte that is no token character. */
  find(bytes: Uint8Array, from: number): FieldName {
    let hash = this.#known.seed;
    let at = from;
    for (let folded = foldToken(bytes[at]); folded !== 0; folded = foldToken(bytes[++at])) {
      hash = Math.imul(hash ^ folded, 0x01000193);
    }
    const size = at - from;
    for (const name of this.#known.bucket(hash)) {
      if (name.folded.length === size && isName(name.folded, bytes, from)) return name;
    }
    return this.#add(hash, Uint8Array.from(bytes.subarray(from, at), foldToken));
  }

  #add(hash: number, folded: Uint8Array): FieldName {
    const text = Buffer.from(folded).toString('latin1');
    const name: FieldName = {
      folded,
      // `X_Forwarded_For` would shadow `X-Forwarded-For`, which a proxy in front may have checked; nginx drops such names too.
      role: text.includes('_') ? 'dropped' : (ROLES[text] ?? 'plain'),
      key: this.#encodeKey(environName(text)),
      separator: text === 'COOKIE' ? '; ' : ', ',
      request: -1,
      first: 0,
      isRepeated: false,
    };
    this.#known.put(hash, name, folded.length);
    return name;
  }
}

function isName(folded: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let index = 0; index < folded.length; index++) {
    if (folded[index] !== foldToken(bytes[from + index])) return false;
  }
  return true;
}

/** CONTENT_TYPE and CONTENT_LENGTH stand alone in CGI (RFC 3875 4.1), all others carry HTTP_. */
function environName(folded: string): string {
  const name = folded.replaceAll('-', '_');
  return name === 'CONTENT_TYPE' || name === 'CONTENT_LENGTH' ? name : `HTTP_${name}`;
}
