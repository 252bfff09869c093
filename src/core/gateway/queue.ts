import { FixedQueue } from '../util/fixed-queue.ts';
import type { Exchange } from './exchange.ts';

/** Empty places that may stand among the waiting before the ring is cleaned. */
const GAPS_MAX = 64;

/** Requests that wait for a slot, in the order in which they came. One whose client left keeps its place in the ring as a gap. */
export class RequestQueue {
  readonly #limit: number;
  #ring = new FixedQueue<Exchange>();
  #gaps = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#ring.length - this.#gaps;
  }

  /** False when there is no room for it. */
  push(exchange: Exchange): boolean {
    if (this.length >= this.#limit) return false;
    this.#ring.push(exchange);
    return true;
  }

  /** One that was at a worker already comes before all others, and is never too many. */
  unshift(exchange: Exchange): void {
    this.#ring.unshift(exchange);
  }

  shift(): Exchange | undefined {
    for (let exchange = this.#ring.shift(); exchange; exchange = this.#ring.shift()) {
      if (exchange.state === 'queued') return exchange;
      this.#gaps--;
    }
    return undefined;
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
