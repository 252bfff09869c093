const MAX_DEPTH = 16;
/** What is sent ahead should wait no longer than this for those before it, going by the mean. */
const BUDGET_US = 1000;
/** Slow requests weigh at once, fast ones only in numbers: the mean rises over this many requests and falls over more. */
const RISE = 64;
const FALL = 256;
/** Short ones take that at most, going by the mean, whatever the scheduler adds to it. */
const SHORT_US = 0.9 * BUDGET_US;
/** A request that takes so long is of another kind than short ones, and so many later it is forgotten. */
const OTHER_US = 100_000;
const FORGOTTEN_AFTER = 512;

/**
 * How many requests may be at one slot, the running one included. More than one saves a wake-up of both sides for each request, but
 * those behind wait for the first: so there are as many as the application does in a millisecond, going by a mean that
 * starts there. One request of 64 ms takes the depth back to 1 at once; one of 10 ms in each hundred keeps it at 1 or 2.
 *
 * The mean and not the longest time: where all processors are busy, one request in about a hundred is interrupted for some milliseconds
 * by the scheduler. With the longest time as the measure the depth stayed at 1 just when it matters
 * (hello world on two busy processors: 13,000 to 17,000 requests a second, against 32,000 to 37,000 with the mean).
 */
export class Prefetch {
  readonly #fixed: number;
  #meanUs = BUDGET_US;
  #depth: number;
  /** Requests since the last one that took very long. */
  #alike = 0;

  /** @param fixed the depth the operator wants, or 0 to let it adapt */
  constructor(fixed = 0) {
    this.#fixed = fixed;
    this.#depth = fixed || 1;
  }

  get isFixed(): boolean {
    return this.#fixed !== 0;
  }

  /** They take less than a millisecond, going by the mean. */
  get areShort(): boolean {
    return this.#meanUs <= SHORT_US;
  }

  /** None of the last ones took very long. */
  get areAlike(): boolean {
    return this.#alike >= FORGOTTEN_AFTER;
  }

  get depth(): number {
    return this.#depth;
  }

  /** One that runs still has taken very long. */
  sawLong(): void {
    this.#alike = 0;
  }

  /** @param serviceUs what the application took; Infinity for a streamed response, whose pace the client sets */
  record(serviceUs: number): void {
    if (this.#fixed !== 0) return;
    this.#alike = serviceUs < OTHER_US ? this.#alike + 1 : 0;
    const mean = this.#meanUs + (serviceUs - this.#meanUs) / (serviceUs > this.#meanUs ? RISE : FALL);
    this.#meanUs = Math.min(mean, BUDGET_US);
    this.#depth = Math.min(Math.floor(BUDGET_US / this.#meanUs), MAX_DEPTH);
  }
}
