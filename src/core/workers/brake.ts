/** A worker that lived shorter than this died young. */
const YOUNG_MS = 2000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/**
 * Slows down the replacing of a worker that keeps dying young: the first successor comes at once, then after 100 ms,
 * 200 ms … 5 s. A worker that lived long enough clears its id.
 */
export class Brake {
  readonly #youngDeaths = new Map<number, number>();

  /** Takes note of a death; how long to wait, in milliseconds, before the next worker of that id is started. */
  pauseAfter(id: number, livedMs: number): number {
    const deaths = livedMs < YOUNG_MS ? (this.#youngDeaths.get(id) ?? 0) + 1 : 0;
    this.#youngDeaths.set(id, deaths);
    return deaths < 2 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (deaths - 2));
  }
}
