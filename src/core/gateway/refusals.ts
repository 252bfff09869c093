import type { Exchange } from './exchange.ts';
import type { RequestQueue } from './queue.ts';

/** One line for the requests that are refused in so long a time. */
const QUIET_MS = 10_000;
/** A client is never told to stay away for longer than this, in seconds. */
const AWAY_MAX = 60;

/** Turns requests away for which the queue has no room. The log shows the first of them, and then how many there were. */
export class Refusals {
  readonly #log: (line: string) => void;
  #untold = 0;
  #quietUntil = -Infinity;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  refuse(exchange: Exchange, queue: RequestQueue, now: number): void {
    const fields = retryAfter(queue.ageAt(now));
    if (now >= this.#quietUntil) {
      this.#quietUntil = now + QUIET_MS;
      exchange.fail(503, `the queue is full (queue-limit = ${queue.limit})`, fields);
      return;
    }
    this.#untold++;
    exchange.dismiss(503, fields);
  }

  /** Tells of those of whom nothing was said, when it is time to. */
  tell(now: number): void {
    if (this.#untold === 0 || now < this.#quietUntil) return;
    this.#log(`[gateway] ${this.#untold} more 503: the queue was full`);
    this.#untold = 0;
    this.#quietUntil = now + QUIET_MS;
  }
}

/**
 * The header that tells a client when to come again: after as many seconds as the oldest request has waited by now, since the queue is that
 * slow. At least 1, at most 60.
 */
export function retryAfter(ageMs: number): string {
  return `Retry-After: ${Math.min(Math.max(Math.ceil(ageMs / 1000), 1), AWAY_MAX)}\r\n`;
}
