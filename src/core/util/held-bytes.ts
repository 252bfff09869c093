/** Shared: one of its own for each of thousands of connections is 200 bytes that the garbage collector goes through. */
const NOTHING = Buffer.alloc(0);

/** Bytes that come in pieces and are kept until there are enough. They are copied, so that a small piece does not hold the large chunk that it came in. */
export class HeldBytes {
  #memory = NOTHING;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** What is held; valid until the next change. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#size);
  }

  push(piece: Buffer): void {
    const size = this.#size + piece.length;
    if (this.#memory.length < size) {
      const larger = Buffer.allocUnsafe(2 * size);
      larger.set(this.bytes);
      this.#memory = larger;
    }
    this.#memory.set(piece, this.#size);
    this.#size = size;
  }

  /** Forgets the first of them. */
  drop(count: number): void {
    if (count >= this.#size) {
      this.clear();
      return;
    }
    this.#memory.copyWithin(0, count, this.#size);
    this.#size -= count;
  }

  /** Forgets all of it, and gives up its memory. */
  clear(): void {
    this.#memory = NOTHING;
    this.#size = 0;
  }
}
