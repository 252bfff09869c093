import type { QueueState, Refusal, SeatHolder } from '../plan/gateway-plan.ts';

/** The gateway, as far as sites go. */
export interface SiteGateway {
  /** What waits for a site, or for all of them, as it was up to a second ago. */
  queue(site?: string): QueueState;
  /** No new requests for the slots of this worker. */
  retire(holder: SeatHolder): void;
  /** Has the site knocked at, once, when a request for it waits for a slot: no worker is there. */
  watch(site: string): void;
  /** Answers all that wait for a site now; the reason goes to the log. */
  refuse(refusal: Refusal): void;
  /** This site is wanted anew when a request names it the next time. */
  forget(site: string): void;
}
