import type { Place } from '../stats/scoreboard.ts';

/** The places in the scoreboard, for the workers of all pools. The lowest free slots are taken first, so that the file is read where it was written. */
export class Seats {
  readonly #taken: boolean[];
  /** Who found no room, and is called when there is some. */
  readonly #waiting = new Set<() => void>();

  constructor(slots: number) {
    this.#taken = Array.from({ length: slots }, () => false);
  }

  /** How many workers of so many threads would find room. */
  roomFor(threads: number): number {
    return Math.floor(this.#taken.length / threads);
  }

  /** The first of so many free slots in a row, or undefined when there are none. */
  take(threads: number): number | undefined {
    for (let seat = 0, at = 0; at < this.#taken.length; at++) {
      if (this.#taken[at]) seat = at + 1;
      else if (at - seat + 1 === threads) {
        this.#taken.fill(true, seat, at + 1);
        return seat;
      }
    }
    return undefined;
  }

  free({ seat, threads }: Place): void {
    this.#taken.fill(false, seat, seat + threads);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    // Later: whoever leaves a seat has first to say why.
    for (const ask of waiting) queueMicrotask(ask);
  }

  /** Calls back, once, when a seat has become free, however often it is asked for before. */
  whenFree(ask: () => void): void {
    this.#waiting.add(ask);
  }
}
