import type { History, Moment } from '../src/core/stats/moment.ts';
import { type Reading, readingsOf, recentRate } from './readings.ts';

/** What the charts show. */
export const WINDOW_SECONDS = 600;
/** Rates that tell how the server is now are the mean of so many seconds. */
const STEADY_SECONDS = 5;
/** Kept moments that are nearer to one of our own say nothing more. */
const NEAR_SECONDS = 4;

/** The moments of the last minutes, on the clock of the browser. */
export class Timeline {
  #moments: readonly Moment[] = [];

  push(moment: Moment): void {
    this.#moments = [...this.#moments, moment].filter(({ at }) => at > moment.at - WINDOW_SECONDS);
  }

  /**
   * Puts in what the master has kept where there is nothing of our own: from before the page was opened, or while its tab was hidden.
   *
   * @param now the browser's clock when the history came, in seconds
   */
  fill({ now: theirs, moments }: History, now: number): void {
    const known = moments
      .map((moment) => ({ ...moment, at: moment.at + now - theirs }))
      .filter(({ at }) => at > now - WINDOW_SECONDS && !this.#moments.some((own) => Math.abs(own.at - at) < NEAR_SECONDS));
    this.#moments = [...known, ...this.#moments].sort((one, other) => one.at - other.at);
  }

  get readings(): readonly Reading[] {
    return readingsOf(this.#moments);
  }

  /** A second, over the last seconds; null where too little is known. */
  rate(of: 'requests' | 'errors', seconds = STEADY_SECONDS): number | null {
    return recentRate(this.#moments, of, seconds);
  }
}
