import type { RequestLogSettings } from '../log/format.ts';
import type { LogDates } from '../log/log.ts';
import type { LogWriterSettings } from '../log/writer-settings.ts';
import type { Address } from '../options/address.ts';
import type { ExceptionRules, LogAttribution, SpawnerConfig, WrittenOptions } from '../wire/spawner-config.ts';
import type { DynamicPlan } from './dynamic.ts';
import type { GatewayCount } from './gateway-count.ts';
import type { GatewaySettings } from './gateway-plan.ts';
import type { ProcessNames } from './process-names.ts';
import type { ErrorPages, HeaderChanges } from './routing-settings.ts';
import type { HooksPlan } from './hooks.ts';
import type { PushingPlan } from './pushing.ts';
import type { SharingPlan } from './sharing.ts';
import type { SitePlan } from './sites.ts';
import type { SocketOption } from './socket-option.ts';
import type { TlsPlan } from './tls.ts';

/** The document may be shorter. */
export interface StatsForm {
  readonly isMinified: boolean;
  readonly hasCores: boolean;
  readonly hasMetrics: boolean;
}

/** Everything decided, nothing done yet: plain data that survives structuredClone. */
export interface Plan {
  /** Supervise: replace what dies, reload, take orders. Without it one Node process does what the plan needs. */
  readonly master: boolean;
  readonly sockets: readonly SocketPlan[];
  readonly socketOwner: SocketOwner;
  readonly statsAddress: Address | undefined;
  readonly statsProtocol: 'raw' | 'http';
  /** What is told there of the document. */
  readonly statsForm: StatsForm;
  /** Undefined where none is wanted of readers. */
  readonly statsToken: string | undefined;
  /** What is served, each by workers of its own. */
  readonly sites: readonly SitePlan[];
  /** What requests may name to be served as well; undefined for nothing. */
  readonly dynamic: DynamicPlan | undefined;
  readonly application: ApplicationPlan;
  readonly workers: WorkersPlan;
  readonly pushing: PushingPlan;
  readonly sharing: SharingPlan;
  /** What the workers do with the headers of every response. */
  readonly headers: HeaderChanges;
  /** What they and the gateway say in the place of their own pages. */
  readonly errorPages: ErrorPages;
  /** What a gateway is told besides its descriptors; it runs when a socket's door is the gateway's. */
  readonly gateway: GatewaySettings;
  /** How many of them there are. */
  readonly gateways: GatewayCount;
  readonly process: ProcessPlan;
  readonly hooks: HooksPlan;
  readonly log: LogPlan;
}

/** One public address and who accepts on it. */
export interface SocketPlan {
  readonly option: SocketOption;
  readonly address: Address;
  /** `direct`: the workers' slots accept themselves; `gateway`: a Node process reads requests and dispatches them. */
  readonly door: 'direct' | 'gateway';
  /** How its bytes are encrypted, if they are. */
  readonly tls?: TlsPlan;
  /** A load balancer in front says in the PROXY protocol who each client is. */
  readonly proxyProtocol?: true;
}

/** Mode and owner of the files of Unix sockets, names as the user wrote them. */
export interface SocketOwner {
  readonly mode: number | undefined;
  readonly user: string | undefined;
  readonly group: string | undefined;
}

/** How applications are loaded and run, whichever. */
export interface ApplicationPlan {
  readonly manageScriptName: boolean;
  readonly hasDefault: boolean;
  /** Flags of the Python that runs them: `-S`. */
  readonly interpreterFlags: readonly string[];
  readonly pythonPath: readonly string[];
  /** What it finds when it is imported, and where it is afterwards. */
  readonly surroundings: Pick<SpawnerConfig, 'executable' | 'arguments' | 'aliases' | 'sharedImports' | 'imports' | 'directoryAfter'>;
  readonly lazy: boolean;
  /** So many seconds all warm-ups of a site may take together. */
  readonly warmupSeconds: number;
  /** How often its files are looked at for changes, 0 for never, and the modules that do not count. */
  readonly autoReload: { readonly seconds: number; readonly ignore: readonly string[] };
  readonly needApp: boolean;
  /** User locks besides the first. */
  readonly locks: number;
  /** The application's environment variables, on top of the server's own; undefined takes one away. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the application may read of the configuration as it was written: `uwsgi.opt`, and `uwsgi.magic_table` by letter. */
  readonly written: WrittenOptions;
  readonly magic: Readonly<Record<string, string>>;
}

/** How the number of workers follows the load. */
export interface ScalingPlan {
  readonly least: number;
  /** How many there are at first. */
  readonly initial: number;
  readonly most: number;
  readonly algorithm: ScalingAlgorithm;
  /** Workers added at a time. */
  readonly step: number;
  /** Seconds that a load must last; with `backlog`, as many requests must wait. */
  readonly overload: number;
  readonly busyness: BusynessPlan;
}

export type ScalingAlgorithm = 'spare' | 'backlog' | 'busyness' | 'manual';

/** What the algorithm `busyness` goes by. */
export interface BusynessPlan {
  /** Percent. */
  readonly max: number;
  readonly min: number;
  /** So many quiet windows in a row take a worker away. */
  readonly multiplier: number;
  /** So many waiting requests add `backlogStep` workers at once. */
  readonly backlogAlert: number;
  readonly backlogStep: number;
}

/** How many workers there are and when one is replaced. */
export interface WorkersPlan {
  /** As many as there may be; with `scaling`, fewer are there at first. */
  readonly processes: number;
  /** Undefined where there are always all of them. */
  readonly scaling: ScalingPlan | undefined;
  readonly idle: IdlePlan;
  readonly threads: number;
  /** 0 means never. */
  readonly maxRequests: number;
  /** Added once for each worker id. */
  readonly maxRequestsDelta: number;
  readonly minLifetimeMs: number;
  readonly recycling: RecyclingPlan;
  /** What a worker asks to be replaced for after a request. */
  readonly reloadOn: MemoryLimits;
  /** 0 means no limit. */
  readonly limitAsBytes: number;
  readonly limitProcesses: number;
  /** 0 means for ever. */
  readonly harakiriMs: number;
  /** A request that runs longer is shown in the log; 0 means never. */
  readonly slowMs: number;
  /** How long a worker may go on with what it runs when the master has died. */
  readonly orphanMs: number;
  /** How long a worker may take to finish what it runs before it is killed. */
  readonly mercyMs: number;
  readonly backlog: number;
  readonly bufferSize: number;
  /** Largest body of a request in bytes; 0 means no limit. */
  readonly limitPost: number;
  /** How many variables a uwsgi packet may have; 0 means as many as there is room for. */
  readonly maxVariables: number;
  readonly socketTimeoutSeconds: number;
  /** The kernel asks silent clients over TCP whether they are still there. */
  readonly tcpKeepAlive: boolean;
  /** A worker reads bodies whole before the application runs: to a file from so many bytes on, in blocks of this size. A threshold of 0 means no. */
  readonly postBuffering: { readonly threshold: number; readonly blockSize: number };
  readonly logRequests: boolean;
  readonly requestLog: RequestLogSettings;
  /** Their lines go into a pipe of their own, and so to other loggers. */
  readonly requestLogApart: boolean;
  readonly logAttribution: LogAttribution;
  readonly exceptions: ExceptionRules;
  readonly threadStackBytes: number;
  /** Folders of which the application may name a file in X-Sendfile. */
  readonly sentFolders: readonly string[];
}

/** Whether there are workers when nobody asks for anything. */
export interface IdlePlan {
  /** The server starts without workers. */
  readonly startsAsleep: boolean;
  /** 0 means never. */
  readonly afterMs: number;
  readonly then: 'go-cheap' | 'stop-gracefully';
}

/** What the master itself replaces a worker for. */
export interface RecyclingPlan {
  /** 0 means never. */
  readonly maxLifetimeMs: number;
  /** Added once for each worker before it. */
  readonly maxLifetimeDeltaMs: number;
  /** What a worker is killed for at once. */
  readonly evil: MemoryLimits;
}

/** Bytes; 0 means no limit. */
export interface MemoryLimits {
  /** Memory that it holds. */
  readonly rss: number;
  /** Its address space. */
  readonly as: number;
}

/** What concerns the server's own process. */
export interface ProcessPlan {
  readonly user: string | undefined;
  readonly group: string | undefined;
  /** Groups beside that one. */
  readonly moreGroups: readonly string[];
  /** Those of which the user is a member, too. */
  readonly initGroups: boolean;
  /** Root is given up by the children alone. */
  readonly masterAsRoot: boolean;
  readonly umask: number | undefined;
  readonly directory: string | undefined;
  /** Written before root is given up. */
  readonly pidFile: string | undefined;
  /** Written by the user whom the server becomes, in its directory. */
  readonly laterPidFiles: readonly string[];
  /** Go to the background. */
  readonly daemonize: boolean;
  readonly names: ProcessNames | undefined;
  /** Remove socket files and pid files at the end. */
  readonly vacuum: boolean;
  readonly touchReload: readonly string[];
  readonly touchChainReload: readonly string[];
  /** Named pipes for orders; one is read at a time, at first the first. */
  readonly masterFifo: readonly string[];
  /** SIGTERM ends the server; otherwise it reloads, as in uWSGI 2.0. */
  readonly dieOnTerm: boolean;
  /** How long it serves on after a graceful order to stop. */
  readonly drainMs: number;
}

/** Where the log goes, and when it goes on in another file. Paths are absolute. */
export interface LogPlan {
  /** Opened first of all; undefined is standard error. */
  readonly file: string | undefined;
  /** Opened once root was given up; the log goes on there. */
  readonly laterFile: string | undefined;
  readonly truncate: boolean;
  readonly mode: number | undefined;
  /** Make it the file of the user whom the server becomes. */
  readonly givenAway: boolean;
  /** Rotate it when it is larger; 0 means never. */
  readonly maxBytes: number;
  readonly backupName: string | undefined;
  readonly touchRotate: readonly string[];
  readonly touchReopen: readonly string[];
  readonly reopenAtReload: boolean;
  /** In front of the master's lines. */
  readonly dates: LogDates;
  /** Undefined where every process writes to the log itself. */
  readonly writer: LogWriterSettings | undefined;
}
