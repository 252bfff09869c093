import type { StatsDocument } from '../src/core/stats/document.ts';

/** Counters of which only what is new is news. */
interface Counted {
  readonly at: number;
  readonly pid: number;
  readonly errors: number;
  readonly harakiris: number;
  readonly deaths: number;
}

const WINDOW_SECONDS = 60;

/** Tells how much was added to some counters in the last minute, as far as the page has seen it. */
export class LastMinute {
  #seen: readonly Counted[] = [];

  /** @param at seconds, on any clock that goes on */
  push(document: StatsDocument, at: number): void {
    const now = {
      at,
      pid: document.pid,
      errors: document.responses['5xx'],
      harakiris: document.workers.reduce((sum, worker) => sum + worker.harakiri_count, 0),
      deaths: document.restarts.died,
    };
    // Another server counts from zero.
    this.#seen = [...this.#seen.filter((one) => one.at >= at - WINDOW_SECONDS && one.pid === now.pid), now];
  }

  get errors(): number {
    return this.#added(({ errors }) => errors);
  }

  get harakiris(): number {
    return this.#added(({ harakiris }) => harakiris);
  }

  get deaths(): number {
    return this.#added(({ deaths }) => deaths);
  }

  #added(of: (counted: Counted) => number): number {
    const [first] = this.#seen;
    const last = this.#seen.at(-1);
    return first === undefined || last === undefined ? 0 : Math.max(0, of(last) - of(first));
  }
}
