/**
 * What a chart shows of a statistics document. The master keeps such moments and the dashboard makes its own of each document that it
 * reads: one function for both, so that the line goes on where the kept one ends. Runs in browsers, too: imports nothing but types.
 */
import type { StatsDocument } from './document.ts';

export interface Moment {
  /** Seconds since the epoch, with a fraction. */
  readonly at: number;
  /** Since the start of the server, in all; they begin anew when it does. */
  readonly requests: number;
  readonly errors: number;
  /** Of the minute before, in microseconds; null where it had no requests. */
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly busy: number;
  /** Those of workers that have a process. */
  readonly slots: number;
  readonly queue: number;
  /** Bytes of workers and gateway. */
  readonly memory: number;
}

/** What `GET /history` answers, oldest first. */
export interface History {
  /** The server's clock, which the reader's may not agree with. */
  readonly now: number;
  readonly moments: readonly Moment[];
}

/** @param at seconds since the epoch */
export function momentOf(document: StatsDocument, at: number): Moment {
  const { workers, latency, gateway, responses } = document;
  const cores = workers.filter(({ pid }) => pid > 0).flatMap((worker) => worker.cores);
  // A minute without a request is no minute of zero latency.
  const measured = latency.requests > 0 ? latency : undefined;
  return {
    at,
    requests: sum(Object.values(responses), (count) => count),
    errors: responses['5xx'],
    p50: measured?.p50 ?? null,
    p90: measured?.p90 ?? null,
    p99: measured?.p99 ?? null,
    busy: cores.filter((core) => core.in_request === 1).length,
    slots: cores.length,
    queue: document.listen_queue,
    memory: sum(workers, ({ rss }) => rss) + (gateway?.rss ?? 0),
  };
}

function sum<Item>(items: readonly Item[], figure: (item: Item) => number): number {
  return items.reduce((total, item) => total + figure(item), 0);
}
