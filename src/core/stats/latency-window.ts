import { percentile } from './percentiles.ts';

/** How often somebody has to call `mark`. */
export const MARK_MS = 10_000;
/** The longest period that is told of. */
const SPAN_MS = 60_000;

/** Times of requests in a period, in microseconds. */
export interface Latency {
  /** How long the period was. */
  readonly seconds: number;
  readonly requests: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

interface Mark {
  readonly at: number;
  readonly times: ReadonlyMap<string, Float64Array>;
}

/** What times were like in the last minute, out of counters that only grow. Each has a name; times of the clock are milliseconds. */
export class LatencyWindow {
  #marks: readonly Mark[];

  /** @param now when all counters were zero */
  constructor(now: number) {
    this.#marks = [{ at: now, times: new Map() }];
  }

  /** Remembers how the counters are now: how many requests in each class of `TIME_BOUNDS`. */
  mark(times: Mark['times'], now: number): void {
    this.#marks = [...this.#marks.filter(({ at }) => now - at < SPAN_MS), { at: now, times }];
  }

  /** What has come to the counter of this name within the last minute, or since the start where that is not so long ago. */
  over(name: string, times: Float64Array, now: number): Latency {
    const mark = this.#marks.find(({ at }) => now - at <= SPAN_MS) ?? this.#marks.at(-1);
    const before = mark?.times.get(name);
    // One that has begun anew is less than it was.
    const recent = times.map((count, index) => Math.max(0, count - (before?.[index] ?? 0)));
    return {
      seconds: Math.round((now - (mark?.at ?? now)) / 100) / 10,
      requests: recent.reduce((sum, count) => sum + count, 0),
      p50: percentile(recent, 0.5),
      p90: percentile(recent, 0.9),
      p99: percentile(recent, 0.99),
    };
  }
}
