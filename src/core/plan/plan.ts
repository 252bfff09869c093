import type { Address } from '../options/address.ts';
import type { ApplicationSource } from '../wire/spawner-config.ts';
import type { GatewayPlan } from './gateway-plan.ts';

/** Everything decided, nothing done yet: plain data that survives structuredClone. */
export interface Plan {
  /** Supervise: replace what dies, reload, take orders. Without it one Node process does what the plan needs. */
  readonly master: boolean;
  readonly sockets: readonly SocketPlan[];
  readonly socketOwner: SocketOwner;
  readonly statsAddress: Address | undefined;
  readonly application: ApplicationPlan;
  readonly workers: WorkersPlan;
  /** What a gateway is told besides its descriptors; it runs when a socket's door is the gateway's. */
  readonly gateway: GatewaySettings;
  readonly process: ProcessPlan;
}

/** One public address and who accepts on it. */
export interface SocketPlan {
  readonly option: 'socket' | 'http' | 'http-socket';
  readonly address: Address;
  /** `direct`: the workers' slots accept themselves; `gateway`: a Node process reads requests and dispatches them. */
  readonly door: 'direct' | 'gateway';
}

/** Mode and owner of the files of Unix sockets, names as the user wrote them. */
export interface SocketOwner {
  readonly mode: number | undefined;
  readonly user: string | undefined;
  readonly group: string | undefined;
}

/** What is served, and by which interpreter. */
export interface ApplicationPlan {
  /** Undefined with `need-app = false` and no application named: every request is answered 500. */
  readonly source: ApplicationSource | undefined;
  readonly callable: string | undefined;
  /** Path of the Python that runs it. */
  readonly interpreter: string;
  readonly pythonPath: readonly string[];
  readonly lazy: boolean;
  readonly needApp: boolean;
  /** The application's environment variables, on top of the server's own; undefined takes one away. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** How many workers there are and when one is replaced. */
export interface WorkersPlan {
  readonly processes: number;
  readonly threads: number;
  /** 0 means never. */
  readonly maxRequests: number;
  readonly minLifetimeMs: number;
  /** 0 means no limit. */
  readonly limitAsBytes: number;
  /** 0 means for ever. */
  readonly harakiriMs: number;
  /** How long a worker may take to finish what it runs before it is killed. */
  readonly mercyMs: number;
  readonly backlog: number;
  readonly bufferSize: number;
  readonly socketTimeoutSeconds: number;
  readonly logRequests: boolean;
}

export type GatewaySettings = Pick<
  GatewayPlan,
  'backlog' | 'bufferSize' | 'harakiriMs' | 'socketTimeoutMs' | 'keepAliveMs' | 'queueLimit' | 'prefetch'
>;

/** What concerns the server's own process. */
export interface ProcessPlan {
  readonly user: string | undefined;
  readonly group: string | undefined;
  readonly umask: number | undefined;
  readonly directory: string | undefined;
  readonly pidFile: string | undefined;
  readonly logFile: string | undefined;
  /** Go to the background and log to this file. */
  readonly daemonLogFile: string | undefined;
  /** Remove socket files and pid files at the end. */
  readonly vacuum: boolean;
  readonly touchReload: readonly string[];
  /** SIGTERM ends the server; otherwise it reloads, as in uWSGI 2.0. */
  readonly dieOnTerm: boolean;
}
