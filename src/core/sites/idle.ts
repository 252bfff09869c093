import type { ScoreboardReader } from '../stats/scoreboard.ts';
import type { Pool } from '../workers/pool.ts';

/** How often the server is looked at: so much longer than `idle` it may stay awake. */
const INTERVAL_MS = 500;

/** What was seen in one look. */
export interface Activity {
  /** Requests that were completed since the server started. */
  readonly completed: number;
  /** Something is going on now, or idleness does not count for another reason. */
  readonly isBusy: boolean;
}

/** Tells when nothing has happened for so long. */
export class Quiet {
  readonly #limitMs: number;
  #completed = 0;
  #since: number;

  constructor(limitMs: number, now: number) {
    this.#limitMs = limitMs;
    this.#since = now;
  }

  /** True when the limit is reached; then the time begins anew. */
  look({ completed, isBusy }: Activity, now: number): boolean {
    const isQuiet = !isBusy && completed === this.#completed;
    const isOver = isQuiet && now - this.#since >= this.#limitMs;
    if (!isQuiet || isOver) this.#since = now;
    this.#completed = completed;
    return isOver;
  }
}

export interface IdlePorts {
  readonly pool: Pick<Pool, 'workers'>;
  readonly scoreboard: Pick<ScoreboardReader, 'refresh' | 'slots'>;
  /** Requests that were completed so far. */
  readonly completed: () => number;
  /** Requests that wait in the gateway. */
  readonly queueLength: () => number;
  /** Else it does not idle now, whatever it does. */
  readonly isServing: () => boolean;
}

/**
 * Tells when no request has come by either door for a while. Returns how to stop that.
 *
 * @param afterMs 0 means never
 */
export function watchIdleness(afterMs: number, ports: IdlePorts, idles: (because: string) => void): () => void {
  if (afterMs === 0) return () => undefined;
  const quiet = new Quiet(afterMs, performance.now());
  const timer = setInterval(() => {
    if (quiet.look(activityOf(ports), performance.now())) idles(`no request for ${afterMs / 1000} s`);
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}

function activityOf({ pool, scoreboard, completed, queueLength, isServing }: IdlePorts): Activity {
  scoreboard.refresh();
  const runs = pool.workers.some((worker) => scoreboard.slots(worker).some(({ state }) => state === 'busy'));
  return { completed: completed(), isBusy: runs || queueLength() > 0 || !isServing() };
}
