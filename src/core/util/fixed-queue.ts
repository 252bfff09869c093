/**
 * A queue over one array that is used as a ring, so that neither end ever moves the others:
 *
 *     head = 5, length = 6            after push('g') and shift() === 'a'
 *     +---+---+---+---+---+---+---+---+        +---+---+---+---+---+---+---+---+
 *     | d | e | f |   |   | a | b | c |        | d | e | f | g |   |   | b | c |
 *     +---+---+---+---+---+---+---+---+        +---+---+---+---+---+---+---+---+
 *                   ^       ^                                    ^       ^
 *                  next    head                                 next    head
 *
 * The size of the array is a power of two, so that an index wraps with one `&`; a full array is doubled.
 */
export class FixedQueue<Item> {
  #ring: (Item | undefined)[];
  #mask: number;
  #head = 0;
  #length = 0;

  constructor(capacity = 16) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(capacity, 2)));
    this.#ring = new Array<Item | undefined>(size).fill(undefined);
    this.#mask = size - 1;
  }

  get length(): number {
    return this.#length;
  }

  push(item: Item): void {
    if (this.#length > this.#mask) this.#grow();
    this.#ring[(this.#head + this.#length) & this.#mask] = item;
    this.#length++;
  }

  /** Puts an item before all others. */
  unshift(item: Item): void {
    if (this.#length > this.#mask) this.#grow();
    this.#head = (this.#head - 1) & this.#mask;
    this.#ring[this.#head] = item;
    this.#length++;
  }

  shift(): Item | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & this.#mask;
    this.#length--;
    return item;
  }

  /** The oldest item, which stays. */
  peek(): Item | undefined {
    return this.#ring[this.#head];
  }

  *[Symbol.iterator](): Generator<Item> {
    for (let index = 0; index < this.#length; index++) yield this.#ring[(this.#head + index) & this.#mask] as Item;
  }

  #grow(): void {
    const items = [...this];
    this.#ring = [...items, ...new Array<undefined>(items.length).fill(undefined)];
    this.#mask = this.#ring.length - 1;
    this.#head = 0;
  }
}
