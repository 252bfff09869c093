/** A request has some dozens of names, and each that a client invents is one more. */
const MAX_NAMES = 1024;
const MAX_BYTES = 64 * 1024;
const BUCKETS = 256;

/** Names that came lately, to be found by a hash of their bytes. It counts what it holds; to forget it in time is its owner's business. */
export class NameTable<Name> {
  /** What a hash begins with. Unlike in each process, so that nobody can prepare names that all fall into one bucket. */
  readonly seed = (Math.random() * 2 ** 31) | 0;
  #buckets = emptyBuckets<Name>();
  #count = 0;
  #bytes = 0;

  /** All names whose hash may be this one. */
  bucket(hash: number): readonly Name[] {
    return this.#buckets[placeOf(hash)] ?? [];
  }

  put(hash: number, name: Name, size: number): void {
    (this.#buckets[placeOf(hash)] ??= []).push(name);
    this.#count++;
    this.#bytes += size;
  }

  /** Whether it may hold so many more names, of so many bytes together. */
  hasRoomFor(names: number, bytes: number): boolean {
    return this.#count + names <= MAX_NAMES && this.#bytes + bytes <= MAX_BYTES;
  }

  clear(): void {
    this.#buckets = emptyBuckets();
    this.#count = 0;
    this.#bytes = 0;
  }
}

function emptyBuckets<Name>(): Name[][] {
  return Array.from({ length: BUCKETS }, () => []);
}

function placeOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (BUCKETS - 1);
}
