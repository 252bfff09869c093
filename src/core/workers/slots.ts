/** What a slot has to be for this choice. */
export interface Usable {
  /** It may be given requests. */
  readonly isOpen: boolean;
  /** Requests that it has. */
  readonly used: number;
}

/** The slots that there are, and which one is next. It knows nothing of sockets and workers. */
export class Slots<Slot extends Usable> {
  readonly #slots: Slot[] = [];

  add(slot: Slot): void {
    this.#slots.push(slot);
  }

  remove(slot: Slot): void {
    const index = this.#slots.indexOf(slot);
    if (index !== -1) this.#slots.splice(index, 1);
  }

  /** The open slot with the fewest requests, if it has fewer than `depth`. The first of equals: a warm one stays warm. */
  leastUsed(depth: number): Slot | undefined {
    let found: Slot | undefined;
    let fewest = depth;
    for (const slot of this.#slots) {
      if (slot.used >= fewest || !slot.isOpen) continue;
      if (slot.used === 0) return slot;
      found = slot;
      fewest = slot.used;
    }
    return found;
  }

  [Symbol.iterator](): Iterator<Slot> {
    return this.#slots[Symbol.iterator]();
  }
}
