import { TIME_BOUNDS } from './distributions.ts';

/**
 * The time, in microseconds, below which this share of the requests stayed: exact to the width of a class, a quarter of the time at most.
 *
 * @param times how many requests are in each class of `TIME_BOUNDS`
 * @param share from 0 to 1
 */
export function percentile(times: Float64Array, share: number): number {
  const total = times.reduce((sum, count) => sum + count, 0);
  let rank = share * total;
  for (const [index, count] of times.entries()) {
    if (count > 0 && rank <= count) return Math.round(within(index, rank / count));
    rank -= count;
  }
  return 0;
}

/** A place between the bounds of a class. What lies beyond the last bound is only known to do so. */
function within(index: number, share: number): number {
  const low = TIME_BOUNDS[index - 1] ?? 0;
  const high = TIME_BOUNDS[index] ?? low;
  return low + share * (high - low);
}
