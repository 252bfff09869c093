import type { EncodeKey, EnvironKey } from '../environ.ts';

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

/** A web server has some dozens, and each header that a client invents is one more. */
const MAX_NAMES = 1024;
const MAX_BYTES = 64 * 1024;
const BUCKETS = 256;

/**
 * Every name seen lately with its environ key, so that a known variable costs one look-up of its raw bytes and no string, as
 * http/field-names.ts does it for the fields of HTTP.
 */
export class VariableNames {
  readonly #encodeKey: EncodeKey;
  readonly #check: (name: string) => void;
  /** Unlike in each process, so that nobody can prepare names that all fall into one bucket. */
  readonly #seed = (Math.random() * 2 ** 31) | 0;
  #buckets: VariableName[][] = [];
  #count = 0;
  #bytes = 0;

  /** @param check throws for what is no name; a known one is not checked again */
  constructor(encodeKey: EncodeKey, check: (name: string) => void) {
    this.#encodeKey = encodeKey;
    this.#check = check;
    this.#clear();
  }

  find(bytes: Uint8Array, from: number, to: number): VariableName {
    let hash = this.#seed;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    const place = (hash ^ (hash >>> 15)) & (BUCKETS - 1);
    for (const name of this.#buckets[place] ?? []) {
      if (name.bytes.length === to - from && isAt(name.bytes, bytes, from)) return name;
    }
    return this.#add(place, Uint8Array.from(bytes.subarray(from, to)));
  }

  #add(place: number, bytes: Uint8Array): VariableName {
    const text = Buffer.from(bytes).toString('latin1');
    this.#check(text);
    if (this.#count >= MAX_NAMES || this.#bytes + bytes.length > MAX_BYTES) this.#clear();
    const name = { bytes, text, role: ROLES.get(text) ?? 'plain', key: this.#encodeKey(text) };
    (this.#buckets[place] ??= []).push(name);
    this.#count++;
    this.#bytes += bytes.length;
    return name;
  }

  #clear(): void {
    this.#buckets = Array.from({ length: BUCKETS }, () => []);
    this.#count = 0;
    this.#bytes = 0;
  }
}

function isAt(name: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let index = 0; index < name.length; index++) {
    if (name[index] !== bytes[from + index]) return false;
  }
  return true;
}
