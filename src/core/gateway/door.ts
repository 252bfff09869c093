import type { GatewayListener } from '../plan/gateway-plan.ts';
import type { EnvironKey } from '../protocol/environ.ts';
import type { MarshalWriter } from '../wire/marshal.ts';
import type { BodyStore } from './body-store.ts';
import type { Counters } from './counters.ts';
import type { Deadlines } from './deadlines.ts';
import type { Destination } from './destination.ts';
import type { Oddities } from './oddities.ts';
import type { ReceiverChain } from './receiver-chain.ts';
import type { Occupant } from './room.ts';

export type EnvironPair = readonly [key: EnvironKey, value: string];

/** What all connections of a listener share. */
export interface Door {
  readonly listener: GatewayListener;
  /** The environ's pairs that are the same for every request of the listener. */
  readonly constants: readonly EnvironPair[];
  readonly environ: MarshalWriter;
  /** Where requests go that nobody looks at. */
  workers: Destination;
  /** Undefined where that is all of them. */
  receivers: ReceiverChain | undefined;
  readonly deadlines: Deadlines;
  readonly bodies: BodyStore;
  readonly counters: Counters;
  socketTimeoutMs: number;
  headTimeoutMs: number;
  keepAliveMs: number;
  limitPost: number;
  readonly log: (line: string) => void;
  readonly oddities: Oddities;
  /** The gateway ends: no connection goes on after its response. */
  isStopping(): boolean;
  closed(connection: ClientConnection): void;
  /** What one connection was at first goes on as another. */
  becomes(before: ClientConnection, after: ClientConnection): void;
}

/** A client's connection as the gateway sees it. */
export interface ClientConnection extends Occupant {
  /** Takes no new requests: ends at once between two of them, after the response within one. */
  stop(): void;
  cameBy(door: Door): boolean;
}
