import type { Destination } from './destination.ts';
import type { Exchange } from './exchange.ts';

/**
 * The workers of an application that a request names. They are looked for when the request is whole: the master answers at once for an
 * application that cannot be had, and would have answered those who wait before this one does.
 */
export class NamedDestination implements Destination {
  readonly isForWorkers = true;
  readonly #find: () => Destination;
  #found: Destination | undefined;

  constructor(find: () => Destination) {
    this.#find = find;
  }

  submit(exchange: Exchange): void {
    this.#found = this.#find();
    this.#found.submit(exchange);
  }

  abandon(exchange: Exchange): void {
    this.#found?.abandon(exchange);
  }
}
