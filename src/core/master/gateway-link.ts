import type { GatewayFigures, GatewayListener, GatewaySettings, GatewayPlan, Holdup, Loan, Shortage } from '../plan/gateway-plan.ts';
import type { NamedApplication } from '../plan/named-application.ts';
import type { Credentials } from '../plan/tls.ts';
import type { SiteGateway } from '../sites/site-gateway.ts';
import type { ChildIdentity } from './privileges.ts';

/** A gateway as the master sees it, wherever it runs. */
export interface GatewayLink extends SiteGateway {
  /** Each of its processes. */
  readonly processes: readonly GatewayProcessState[];
  /** What it has done, as it was up to a second ago. */
  readonly figures: GatewayFigures;
  /** Settled when it listens. */
  readonly ready: Promise<void>;
  /** Goes by these settings from now on. */
  follow(settings: GatewaySettings): void;
  /** Listens on one more address. `handle` is its bound socket, as `child.send` takes it. Settled when it does. */
  open(listener: GatewayListener, handle: object | undefined): Promise<void>;
  /** Listens no more on the address of this name. */
  close(name: string): void;
  /** The address of this name has other certificates, for clients who come from now on. */
  renew(name: string, tls: Credentials): void;
  /** Requests wait, whatever slots are free, until it resumes. */
  pause(): void;
  resume(): void;
  /** Settled when it has answered: it is there and does its work. */
  probe(): Promise<void>;
  /** What `watch` of a site calls. */
  onKnock: (site: string) => void;
  /** A request names an application of which it has not told, or that it was to forget. */
  onWanted: (application: NamedApplication) => void;
  /** Requests wait in a slot for one that takes long. */
  onHeldUp: (holdup: Holdup) => void;
  /** The log goes on in what is at this path now. */
  reopenLog(path: string): void;
  /** `gracefully`: finish what was accepted first. Settled when it has stopped. */
  stop(how: 'gracefully' | 'now'): Promise<void>;
}

/** One process of a gateway. */
export interface GatewayProcessState {
  /** Undefined while there is none. */
  readonly pid: number | undefined;
  /** Clients that are connected to it. */
  readonly connections: number;
}

/** One of several gateways, or the only one. */
export interface SingleGateway extends GatewayLink {
  /** Lets another gateway have a slot, if it can. */
  lend(loan: Loan): void;
  /** Requests wait there for a slot. */
  onShort: (shortage: Shortage) => void;
}

/** Starts a gateway; the descriptors in the plan are those of this process. */
export type StartGateway = (plan: GatewayPlan, children: Pick<ChildIdentity, 'prefix'>) => SingleGateway;
