/**
 * The statistics document: uWSGI's keys, types and order, so that its tools (uwsgitop, exporters) read ours.
 *
 * Where uWSGI has a figure that has no counterpart here (locks, the queue of signals), the key is there with uWSGI's value for "none".
 */
import type { STATUS_CLASSES } from './distributions.ts';
import type { Latency } from './latency-window.ts';
import type { ReloadFigures } from './reload-record.ts';
import type { RestartReason } from './restarts.ts';

export interface StatsDocument {
  readonly version: string;
  readonly listen_queue: number;
  readonly listen_queue_errors: number;
  readonly signal_queue: number;
  readonly load: number;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly cwd: string;
  readonly locks: readonly Readonly<Record<string, number>>[];
  /** Where there are any. */
  readonly caches?: readonly CacheStats[];
  /** Those of the application, and with them what the server counts (`withServerMetrics`); where either is asked for. */
  readonly metrics?: Readonly<Record<string, MetricStats>>;
  readonly sockets: readonly SocketStats[];
  readonly workers: readonly WorkerStats[];
  /** All that follow are ours. What the server does: `starting`, `serving`, `paused`, `draining` or `stopping`. */
  readonly state: string;
  /** Seconds since the epoch. */
  readonly started_at: number;
  /** Of the last minute, over all workers. */
  readonly latency: Latency;
  /** Since the start, by class of status: `2xx`. The gateway's own answers count. */
  readonly responses: Responses;
  readonly applications: readonly ApplicationStats[];
  /** Where there is one. */
  readonly gateway?: GatewayStats;
  /** Workers that were replaced since the start, by why. */
  readonly restarts: Readonly<Record<RestartReason, number>>;
  readonly reloads: ReloadFigures;
  readonly log?: LogStats;
}

/** By class of status: `1xx` to `5xx`, and `other` for what is none. */
export type Responses = Readonly<Record<(typeof STATUS_CLASSES)[number], number>>;

/** What answers below one mountpoint, over all of its workers. Those that share an interpreter are one. */
export interface ApplicationStats {
  /** The first of them. */
  readonly mountpoint: string;
  readonly mountpoints: readonly string[];
  /** Those that run, and those of them that have a request. */
  readonly workers: number;
  readonly busy: number;
  readonly requests: number;
  readonly exceptions: number;
  readonly responses: Responses;
  /** Bytes sent, heads included. */
  readonly tx: number;
  /** Of all its workers, in bytes. */
  readonly rss: number;
  readonly latency: Latency;
  /** Requests that wait for it in the gateway, and for how long the oldest has. */
  readonly queue: number;
  readonly queue_age_ms: number;
}

export interface GatewayProcessStats {
  readonly pid: number;
  readonly rss: number;
  /** Clients that are connected to it. */
  readonly connections: number;
}

export interface GatewayStats {
  /** Of the first of its processes. */
  readonly pid: number;
  /** Of all of them, as everything else here. */
  readonly rss: number;
  readonly vsz: number;
  readonly processes: readonly GatewayProcessStats[];
  /** Clients that are connected. */
  readonly connections: number;
  /** Answers of its own: files, those of rules, and whatever else. */
  readonly static_requests: number;
  readonly routed_requests: number;
  readonly other_requests: number;
  /** Files that an application named and the gateway sent. */
  readonly offloaded_requests: number;
  /** Requests for which the queue had no room, or that have waited there too long. */
  readonly refused: number;
  /** Its own answers by class of status. */
  readonly responses: Responses;
  /** Bytes of these, heads included. */
  readonly tx: number;
  /** How long requests waited until they were sent to a worker, in the last minute. */
  readonly waiting: Latency;
}

export interface LogStats {
  /** Lines that were given up since nothing took them. */
  readonly dropped: number;
}

export interface CacheStats {
  readonly name: string;
  /** How keys are hashed. */
  readonly hash: 'crc32';
  readonly hashsize: number;
  readonly keysize: number;
  readonly max_items: number;
  readonly blocks: number;
  readonly blocksize: number;
  /** Those that have expired count until their places are needed. */
  readonly items: number;
  readonly hits: number;
  readonly miss: number;
  readonly full: number;
  /** Seconds since the epoch. */
  readonly last_modified_at: number;
}

export interface MetricStats {
  /** 0 counter, 1 gauge, 2 absolute. */
  readonly type: number;
  readonly oid: string;
  readonly value: number;
}

export interface SocketStats {
  readonly name: string;
  readonly proto: 'uwsgi' | 'http' | 'fastcgi' | 'scgi';
  /** Requests that wait in the gateway; at the direct door connections that wait in the kernel, which tells of TCP alone. */
  readonly queue: number;
  /** The kernel's backlog. */
  readonly max_queue: number;
  readonly shared: 0;
  readonly can_offload: 0;
  /** Ours, where requests wait in the gateway: `queue` is at most this. */
  readonly queue_limit?: number;
  /** Ours as well: how long the oldest of them has waited, in milliseconds. */
  readonly queue_age_ms?: number;
}

export interface WorkerStats {
  readonly id: number;
  readonly pid: number;
  readonly accepting: 0 | 1;
  readonly requests: number;
  readonly delta_requests: number;
  readonly exceptions: number;
  readonly harakiri_count: number;
  /** Of the module uwsgi, whose handlers have run. */
  readonly signals: number;
  readonly signal_queue: 0;
  /** `sigN` while the handler of a signal of the module uwsgi runs. */
  readonly status: 'idle' | 'busy' | 'pause' | 'cheap' | `sig${number}`;
  /** Memory that it holds and its address space, in bytes: as they were within the last second. */
  readonly rss: number;
  readonly vsz: number;
  /** Microseconds spent in requests. */
  readonly running_time: number;
  /** Seconds since the epoch. */
  readonly last_spawn: number;
  readonly respawn_count: number;
  /** Bytes sent, heads included. */
  readonly tx: number;
  /** Average response time in microseconds, as uWSGI smooths it. */
  readonly avg_rt: number;
  readonly apps: readonly AppStats[];
  readonly cores: readonly CoreStats[];
}

export interface AppStats {
  /** The log's `app`. */
  readonly id: number;
  readonly modifier1: 0;
  readonly mountpoint: string;
  /** Seconds that its import took. */
  readonly startup_time: number;
  readonly requests: number;
  readonly exceptions: number;
  readonly chdir: string;
}

export interface CoreStats {
  readonly id: number;
  readonly requests: number;
  readonly static_requests: 0;
  readonly routed_requests: 0;
  readonly offloaded_requests: 0;
  readonly write_errors: number;
  readonly read_errors: number;
  readonly in_request: 0 | 1;
  /** KEY=VALUE of the running request, ended by an empty string as in uWSGI. */
  readonly vars: readonly string[];
  /** `request_start` in seconds since the epoch while a request runs. */
  readonly req_info: {
    readonly request_start?: number;
    /** Ours: how long it has run, in milliseconds. */
    readonly age_ms?: number;
  };
}

/** The keys of the document that are not uWSGI's. */
export type OwnStats = Pick<
  StatsDocument,
  'state' | 'started_at' | 'latency' | 'responses' | 'applications' | 'gateway' | 'restarts' | 'reloads' | 'log'
>;

/** A document that may be uWSGI's as well as ours. */
export type AnyStatsDocument = Omit<StatsDocument, keyof OwnStats> & Partial<OwnStats>;

/** What of the document is told, and how. */
export interface DocumentForm {
  readonly isMinified: boolean;
  readonly hasCores: boolean;
  readonly hasMetrics: boolean;
}

/** The document as text, as `stats-minified`, `stats-no-cores` and `stats-no-metrics` want it. */
export function shapeDocument(document: StatsDocument, { isMinified, hasCores, hasMetrics }: DocumentForm): string {
  const workers = document.workers.map(({ cores, ...worker }) => (hasCores ? { ...worker, cores } : worker));
  // With the keys where they were.
  const shaped = { ...document, ...(!hasMetrics && { metrics: undefined }), workers } as StatsDocument;
  return isMinified ? JSON.stringify(shaped) : formatDocument(shaped);
}

/** The document as text: tabs and no blank behind the colon, as uWSGI prints it. */
export function formatDocument(document: StatsDocument): string {
  return JSON.stringify(document, undefined, '\t').replaceAll(/^(\t*"(?:[^"\\]|\\.)*"): /gm, '$1:');
}
