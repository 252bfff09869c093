/** What a slot has to be for this choice. */
export interface Usable {
  /** It may be given requests. */
  readonly isOpen: boolean;
  /** Requests that it has. */
  readonly used: number;
  /** When the first of them began, in milliseconds. */
  readonly oldestSince: number;
  /** Whose thread it is: the worker's process. */
  readonly name: { readonly pid: number };
}

/** A request that has run for so many milliseconds is none of those by which the depth goes: nothing more is sent to wait behind it. */
export const LONG_MS = 10;

/** One that waits here waits for longer than was meant. */
export function isHeldUp({ used, oldestSince }: Usable, now: number): boolean {
  return used > 1 && isLong(oldestSince, now);
}

function isLong(since: number, now: number): boolean {
  return now - since >= LONG_MS;
}

/** The slots that there are, by worker, and which one is next. It knows nothing of sockets and processes. */
export class Slots<Slot extends Usable> {
  /** The slots of a worker stand together; no list is empty. */
  readonly #workers: Slot[][] = [];
  #areThreads = false;

  add(slot: Slot): void {
    const mates = this.#workers.find(([first]) => first?.name.pid === slot.name.pid);
    if (mates) mates.push(slot);
    else this.#workers.push([slot]);
    this.#count();
  }

  remove(slot: Slot): void {
    const at = this.#workers.findIndex((slots) => slots.includes(slot));
    const slots = this.#workers[at];
    if (slots?.length === 1) this.#workers.splice(at, 1);
    else slots?.splice(slots.indexOf(slot), 1);
    this.#count();
  }

  get isEmpty(): boolean {
    return this.#workers.length === 0;
  }

  /** Some worker has several. Known before it is asked, which is with each answer. */
  get areThreads(): boolean {
    return this.#areThreads;
  }

  get workers(): number {
    return this.#workers.length;
  }

  /**
   * The open slot with the fewest requests, if it has fewer than `depth`, and none that runs for long. The first of equals: a warm one stays warm.
   *
   * @param now by the clock of the slots; -Infinity where it does not matter for how long they have run
   */
  leastUsed(depth: number, now: number): Slot | undefined {
    return this.#idle() ?? this.#shortest(depth, now);
  }

  /**
   * Where all requests are to run on one thread of each worker: that one of those threads with the fewest, if it has fewer than `depth`. Another thread of
   * its worker takes its place as long as its request takes long, or none may follow that.
   */
  warmest(depth: number, now: number): Slot | undefined {
    let found: Slot | undefined;
    let fewest = depth;
    for (const slots of this.#workers) {
      const slot = slots.find(({ used, isOpen, oldestSince }) => used > 0 && isOpen && !isLong(oldestSince, now)) ?? slots.find(isIdle);
      if (!slot || slot.used >= fewest) continue;
      found = slot;
      fewest = slot.used;
      if (fewest === 0) break;
    }
    return found;
  }

  /** One of the worker with the fewest busy slots: the threads of a worker share an interpreter, and a processor. */
  #idle(): Slot | undefined {
    let found: Slot | undefined;
    let fewest = Infinity;
    for (const slots of this.#workers) {
      const idle = slots.find(isIdle);
      if (!idle) continue;
      const busy = countBusy(slots);
      if (busy === 0) return idle;
      if (busy >= fewest) continue;
      found = idle;
      fewest = busy;
    }
    return found;
  }

  #shortest(depth: number, now: number): Slot | undefined {
    let found: Slot | undefined;
    let fewest = depth;
    for (const slots of this.#workers) {
      for (const slot of slots) {
        if (slot.used >= fewest || !slot.isOpen || isLong(slot.oldestSince, now)) continue;
        found = slot;
        fewest = slot.used;
      }
    }
    return found;
  }

  /** Some request has run for long. */
  hasLongAt(now: number): boolean {
    return this.#workers.some((slots) => slots.some(({ used, oldestSince }) => used > 0 && isLong(oldestSince, now)));
  }

  #count(): void {
    this.#areThreads = this.#workers.some(({ length }) => length > 1);
  }

  *[Symbol.iterator](): Generator<Slot> {
    for (const slots of this.#workers) yield* slots;
  }
}

function isIdle({ used, isOpen }: Usable): boolean {
  return used === 0 && isOpen;
}

function countBusy(slots: readonly Usable[]): number {
  let busy = 0;
  for (const { used } of slots) if (used > 0) busy++;
  return busy;
}
