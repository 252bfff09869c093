import type { Exchange } from './exchange.ts';

/** Where a request goes once it is here: to the workers, by way of the dispatcher, or to something that answers without them. */
export interface Destination {
  /** A worker may come to have the request, so its body is collected first. Whoever answers without one has no need of it. */
  readonly isForWorkers: boolean;
  /** Sees to it that the exchange ends, sooner or later. */
  submit(exchange: Exchange): void;
  /** The client of this request is gone. */
  abandon(exchange: Exchange): void;
  /** A request that was to go here will not come: it was refused with this status while its body was on its way, 0 where its client left. */
  gone?(status: number): void;
}
