/**
 * The environ as CPython's `marshal`, which a worker turns into a dict with one call in C:
 *
 *     '{'  (key value)*  '0'                       a dict, ended by NULL
 *     'z'  size u8     ascii bytes                 a short str
 *     'a'  size u32le  ascii bytes                 a longer one
 *     'u'  size u32le  UTF-8 bytes                 one with characters beyond ASCII
 *
 * Every CPython from 3.4 on loads these codes (Python/marshal.c, r_object). A value is bytes from the network, and each of them
 * becomes one character, as PEP 3333 wants ("latin-1").
 */
const DICT = 0x7b;
const NULL = 0x30;
const SHORT_ASCII = 0x7a;
const ASCII = 0x61;
const UNICODE = 0x75;
const SHORT_MAX = 255;

/** What a pair adds to a uwsgi packet beside its name and value: two u16 sizes (logged as "N vars in M bytes"). */
const PACKET_PAIR = 4;

/** Texts are bytes here on their way out, most of them: an own Buffer for each costs more than all the rest. */
const SCRATCH = Buffer.allocUnsafeSlow(4096);

const NAMES = new WeakMap<Uint8Array, string>();

/** A run of pairs that many requests begin with, written once. */
export interface MarshalPart {
  readonly bytes: Uint8Array;
  readonly pairs: number;
  readonly packetSize: number;
}

/** A name as marshal has it, so that writing it later is only a copy. */
export function marshalKey(name: string): Uint8Array {
  const text = Buffer.from(name, 'latin1');
  if (text.some((byte) => byte > 0x7f)) throw new RangeError(`an environ key must be ASCII, not "${name}"`);
  if (text.length <= SHORT_MAX) return Buffer.concat([Buffer.of(SHORT_ASCII, text.length), text]);
  const head = Buffer.of(ASCII, 0, 0, 0, 0);
  head.writeUInt32LE(text.length, 1);
  return Buffer.concat([head, text]);
}

/** The name that `marshalKey` made this of. */
export function keyName(key: Uint8Array): string {
  const known = NAMES.get(key);
  if (known !== undefined) return known;
  const name = Buffer.from(key).toString('latin1', key[0] === SHORT_ASCII ? 2 : 5);
  NAMES.set(key, name);
  return name;
}

/** Writes one environ after another into the same memory; `room` bytes before each stay free for what goes in front. */
export class MarshalWriter {
  readonly #room: number;
  #out: Buffer;
  #at: number;
  #pairs = 0;
  #packetSize = 0;

  constructor(room = 0, capacity = 16_384) {
    this.#room = room;
    this.#out = Buffer.allocUnsafeSlow(room + capacity);
    this.#at = room;
  }

  get pairs(): number {
    return this.#pairs;
  }

  /** What the same pairs would weigh in a uwsgi packet. */
  get packetSize(): number {
    return this.#packetSize;
  }

  /** Begins a dict, with what was prepared for it. */
  begin(part?: MarshalPart): void {
    this.#at = this.#room;
    this.#pairs = 0;
    this.#packetSize = 0;
    this.#reserve(1);
    this.#out[this.#at++] = DICT;
    if (part) this.part(part);
  }

  part(part: MarshalPart): void {
    this.#reserve(part.bytes.length);
    this.#out.set(part.bytes, this.#at);
    this.#at += part.bytes.length;
    this.#pairs += part.pairs;
    this.#packetSize += part.packetSize;
  }

  /** A pair whose value is the bytes of `source` from `from` up to `to`, one character each. */
  // eslint-disable-next-line max-params -- a range without an object for each of many pairs a request
  pair(key: Uint8Array, source: Uint8Array, from: number, to: number): void {
    const size = to - from;
    this.#reserve(key.length + 5 + 2 * size);
    const out = this.#out;
    // Loops and not `set`: most names and values are short, and a view of a few bytes costs more than the bytes themselves.
    let at = this.#at;
    // By its index: over an iterator it took half of the time of a pair.
    // eslint-disable-next-line @typescript-eslint/prefer-for-of
    for (let index = 0; index < key.length; index++) out[at++] = key[index] ?? 0;

    const value = at;
    at += size <= SHORT_MAX ? 2 : 5;
    let seen = 0;
    for (let index = from; index < to; index++) {
      const byte = source[index] ?? 0;
      seen |= byte;
      out[at++] = byte;
    }
    if (seen > 0x7f) at = this.#writeUnicode(value, source.subarray(from, to));
    else if (size <= SHORT_MAX) {
      out[value] = SHORT_ASCII;
      out[value + 1] = size;
    } else {
      out[value] = ASCII;
      out.writeUInt32LE(size, value + 1);
    }

    this.#at = at;
    this.#pairs++;
    this.#packetSize += PACKET_PAIR + key.length - (key[0] === SHORT_ASCII ? 2 : 5) + size;
  }

  /** The same for a value that we hold as a string of latin-1 characters. */
  text(key: Uint8Array, value: string): void {
    const bytes = value.length <= SCRATCH.length ? SCRATCH : Buffer.allocUnsafe(value.length);
    this.pair(key, bytes, 0, bytes.write(value, 'latin1'));
  }

  /** What was written so far without its beginning, for `begin` or `part` of other dicts. */
  takePart(): MarshalPart {
    return {
      bytes: Uint8Array.prototype.slice.call(this.#out, this.#room + 1, this.#at),
      pairs: this.#pairs,
      packetSize: this.#packetSize,
    };
  }

  /** Ends the dict. The bytes, with the room before them, are valid until the next `begin`. */
  end(): Buffer {
    this.#reserve(1);
    this.#out[this.#at++] = NULL;
    return this.#out.subarray(0, this.#at);
  }

  #writeUnicode(at: number, value: Uint8Array): number {
    const out = this.#out;
    const size = out.write(Buffer.from(value).toString('latin1'), at + 5, 'utf8');
    out[at] = UNICODE;
    out.writeUInt32LE(size, at + 1);
    return at + 5 + size;
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#out.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#at + size));
    larger.set(this.#out.subarray(0, this.#at));
    this.#out = larger;
  }
}
