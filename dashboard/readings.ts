import type { Moment } from '../src/core/stats/moment.ts';

/** What happened between two moments, and how it was at the later one. */
export interface Reading extends Pick<Moment, 'at' | 'p50' | 'p90' | 'p99' | 'busy' | 'slots' | 'queue' | 'memory'> {
  /** Requests since the start of the server. */
  readonly total: number;
  /** A second; null where nobody looked for too long, or the server has started anew. */
  readonly requests: number | null;
  readonly errors: number | null;
}

/** Beyond it a mean over the gap would draw what nobody has seen. */
const LONGEST_GAP_SECONDS = 30;

/** @param before undefined for the first of all */
function readingOf(before: Moment | undefined, now: Moment): Reading {
  const { at, p50, p90, p99, busy, slots, queue, memory } = now;
  return { at, p50, p90, p99, busy, slots, queue, memory, total: now.requests, ...between(before, now) };
}

/** The readings of moments that follow each other. */
export function readingsOf(moments: readonly Moment[]): readonly Reading[] {
  return moments.map((moment, nth) => readingOf(moments[nth - 1], moment));
}

/** The mean rate of the last seconds: steadier than the last second alone. */
export function recentRate(moments: readonly Moment[], of: 'requests' | 'errors', seconds: number): number | null {
  const now = moments.at(-1);
  if (now === undefined) return null;
  const from = moments.find(({ at }) => at >= now.at - seconds);
  return from === undefined || from === now ? null : between(from, now)[of];
}

function between(before: Moment | undefined, now: Moment): Pick<Reading, 'requests' | 'errors'> {
  const seconds = before === undefined ? 0 : now.at - before.at;
  const isGap = before === undefined || seconds <= 0 || seconds > LONGEST_GAP_SECONDS;
  // Counters that fall are those of another server.
  if (isGap || now.requests < before.requests) return { requests: null, errors: null };
  return { requests: (now.requests - before.requests) / seconds, errors: Math.max(0, now.errors - before.errors) / seconds };
}
