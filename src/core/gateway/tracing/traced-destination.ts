import type { Destination } from '../destination.ts';
import type { Exchange } from '../exchange.ts';
import type { RequestSpan } from './request-span.ts';

/** Where a request goes of which a span tells. */
export class TracedDestination implements Destination {
  readonly #destination: Destination;
  readonly #span: RequestSpan;

  constructor(destination: Destination, span: RequestSpan) {
    this.#destination = destination;
    this.#span = span;
  }

  get isForWorkers(): boolean {
    return this.#destination.isForWorkers;
  }

  submit(exchange: Exchange): void {
    exchange.observer = this.#span;
    this.#destination.submit(exchange);
  }

  abandon(exchange: Exchange): void {
    this.#span.left();
    this.#destination.abandon(exchange);
  }

  gone(status: number): void {
    if (status === 0) {
      this.#span.left();
      return;
    }
    this.#span.responding(status);
    this.#span.ended('complete');
  }
}
