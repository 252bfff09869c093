import { FixedQueue } from '../util/fixed-queue.ts';
import type { Exchange } from './exchange.ts';

/** Empty places that may stand among the waiting before the ring is cleaned. */
const GAPS_MAX = 64;

/** Requests that wait for a slot, in the order in which they came. One whose client left keeps its place in the ring as a gap. */
export class RequestQueue {
  limit: number;
  #ring = new FixedQueue<Exchange>();
  #gaps = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get length(): number {
    return this.#ring.length - this.#gaps;
  }

  /** How long the oldest has waited, in milliseconds; 0 when none waits. */
  ageAt(now: number): number {
    const oldest = this.peek();
    return oldest ? now - oldest.since : 0;
  }

  /** False when there is no room for it. */
  push(exchange: Exchange): boolean {
    if (this.length >= this.limit) return false;
    this.#ring.push(exchange);
    return true;
  }

  /** One that was at a worker already is never too many. It comes before all that came after it: those older ones were at a worker, too. */
  putBack(exchange: Exchange): void {
    const older: Exchange[] = [];
    for (let first = this.peek(); first && first.since < exchange.since; first = this.peek()) {
      older.push(first);
      this.#ring.shift();
    }
    for (const one of [...older, exchange].reverse()) this.#ring.unshift(one);
  }

  /** The oldest, which stays. */
  peek(): Exchange | undefined {
    for (let exchange = this.#ring.peek(); exchange; exchange = this.#ring.peek()) {
      if (exchange.state === 'queued') return exchange;
      this.#ring.shift();
      this.#gaps--;
    }
    return undefined;
  }

  shift(): Exchange | undefined {
    const oldest = this.peek();
    if (oldest) this.#ring.shift();
    return oldest;
  }

  /** One that waits here has ended: its client left. */
  drop(): void {
    this.#gaps++;
    if (this.#gaps <= GAPS_MAX + this.length) return;
    const waiting = new FixedQueue<Exchange>(this.length);
    for (const exchange of this.#ring) if (exchange.state === 'queued') waiting.push(exchange);
    this.#ring = waiting;
    this.#gaps = 0;
  }
}
