import type { EncodeKey, EnvironKey } from '../environ.ts';
import { NameTable } from '../name-table.ts';

/** What a variable tells the server itself; `plain` ones only go into the environ. */
export type VariableRole = 'plain' | 'dropped' | 'content-length' | 'method' | 'uri' | 'protocol';

/** The name of a variable, checked. */
export interface VariableName {
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly role: VariableRole;
  readonly key: EnvironKey;
}

const ROLES: ReadonlyMap<string, VariableRole> = new Map([
  ['CONTENT_LENGTH', 'content-length'],
  ['REQUEST_METHOD', 'method'],
  ['REQUEST_URI', 'uri'],
  ['SERVER_PROTOCOL', 'protocol'],
  // The client's `Proxy:`, which many HTTP clients would take for their configuration (https://httpoxy.org).
  ['HTTP_PROXY', 'dropped'],
]);

/**
 * Every name seen lately with its environ key, so that a known variable costs one look-up of its raw bytes and no string, as
 * http/field-names.ts does it for the fields of HTTP.
 */
export class VariableNames {
  readonly #encodeKey: EncodeKey;
  readonly #check: (name: string) => void;
  readonly #known = new NameTable<VariableName>();

  /** @param check throws for what is no name; a known one is not checked again */
  constructor(encodeKey: EncodeKey, check: (name: string) => void) {
    this.#encodeKey = encodeKey;
    this.#check = check;
  }

  find(bytes: Uint8Array, from: number, to: number): VariableName {
    let hash = this.#known.seed;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    for (const name of this.#known.bucket(hash)) {
      if (name.bytes.length === to - from && isAt(name.bytes, bytes, from)) return name;
    }
    return this.#add(hash, Uint8Array.from(bytes.subarray(from, to)));
  }

  #add(hash: number, bytes: Uint8Array): VariableName {
    const text = Buffer.from(bytes).toString('latin1');
    this.#check(text);
    if (!this.#known.hasRoomFor(1, bytes.length)) this.#known.clear();
    const name = { bytes, text, role: ROLES.get(text) ?? 'plain', key: this.#encodeKey(text) };
    this.#known.put(hash, name, bytes.length);
    return name;
  }
}

function isAt(name: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let index = 0; index < name.length; index++) {
    if (name[index] !== bytes[from + index]) return false;
  }
  return true;
}
