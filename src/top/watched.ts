import { changeBetween } from './change.ts';
import type { Sample } from './sample.ts';

/** What has been seen of a server so far. */
export interface Watched {
  readonly now: Sample | undefined;
  /** The one before, from which rates come. */
  readonly before: Sample | undefined;
  /** Requests per second of each interval so far, the oldest first. */
  readonly throughput: readonly number[];
  /** Why the last document could not be had, where it could not. */
  readonly gone: string | undefined;
}

/** More intervals than a terminal has columns. */
const REMEMBERED = 500;

export const NOTHING_YET: Watched = { now: undefined, before: undefined, throughput: [], gone: undefined };

/** With one more document. */
export function observe({ now: before, throughput }: Watched, now: Sample): Watched {
  const { requests } = changeBetween(now, before).total;
  return {
    now,
    before,
    throughput: requests === undefined ? throughput : [...throughput, requests].slice(-REMEMBERED),
    gone: undefined,
  };
}

/** Without the document that was due. What was seen last stays, but nothing happens any more. */
export function miss(watched: Watched, why: string): Watched {
  return { ...watched, before: undefined, throughput: [...watched.throughput, 0].slice(-REMEMBERED), gone: why };
}
