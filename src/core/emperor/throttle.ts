import type { ThrottlePlan } from '../plan/emperor.ts';

/** A vassal that has served for so long has shown that it can. */
export const YOUNG_MS = 10_000;

/** Holds back a vassal that keeps dying young: longer and longer, up to a bound. One that has served for a while is started again at once. */
export class Throttle {
  readonly #plan: ThrottlePlan;
  #deaths = 0;

  constructor(plan: ThrottlePlan) {
    this.#plan = plan;
  }

  /** How often it has died young in a row. */
  get deaths(): number {
    return this.#deaths;
  }

  /** The pause that the last death has cost. */
  get pauseMs(): number {
    if (this.#deaths === 0) return 0;
    const { firstMs, mostMs, grows } = this.#plan;
    return Math.min(mostMs, grows ? firstMs * 2 ** (this.#deaths - 1) : firstMs);
  }

  /**
   * Takes note of a death.
   *
   * @param servedMs how long it had served; 0 where it never was ready
   * @returns how long to wait until it is started again
   */
  pauseAfter(servedMs: number): number {
    this.#deaths = servedMs < YOUNG_MS ? this.#deaths + 1 : 0;
    return this.pauseMs;
  }

  forgive(): void {
    this.#deaths = 0;
  }
}
