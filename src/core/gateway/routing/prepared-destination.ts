import type { Destination } from '../destination.ts';
import type { Exchange } from '../exchange.ts';

/** A destination before which something is done to each exchange. */
export class PreparedDestination implements Destination {
  readonly #destination: Destination;
  readonly #prepare: (exchange: Exchange) => void;

  constructor(destination: Destination, prepare: (exchange: Exchange) => void) {
    this.#destination = destination;
    this.#prepare = prepare;
  }

  get isForWorkers(): boolean {
    return this.#destination.isForWorkers;
  }

  submit(exchange: Exchange): void {
    this.#prepare(exchange);
    this.#destination.submit(exchange);
  }

  abandon(exchange: Exchange): void {
    this.#destination.abandon(exchange);
  }
}
