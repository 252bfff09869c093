import type { GatewaySettings } from '../plan/gateway-plan.ts';
import type { Credentials } from '../plan/tls.ts';
import type { Caller } from './caller.ts';
import type { ClientConnection, Door } from './door.ts';

/** What a listener speaks. */
export interface Speech {
  /** Serves a client that has connected. */
  serve(caller: Caller, door: Door): ClientConnection;
  /** Goes by these settings from now on, also on connections that are there. */
  follow(settings: GatewaySettings): void;
  /** Has other certificates, for clients who come from now on. */
  renew?(tls: Credentials): void;
}
