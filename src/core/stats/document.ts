/**
 * The statistics document: uWSGI's keys, types and order, so that its tools (uwsgitop, exporters) read ours.
 *
 * Where uWSGI has a figure that has no counterpart here (locks, the queue of signals), the key is there with uWSGI's value for "none".
 */
import type { STATUS_CLASSES } from './distributions.ts';
import type { Latency } from './latency-window.ts';
import type { ReloadFigures } from './reload-record.ts';
import type { RestartReason } from './restarts.ts';
import type { CacheFigures } from './shared-table.ts';
import type { Figures } from './tally.ts';

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

export interface GatewayStats {
  readonly pid: number;
  readonly rss: number;
  readonly vsz: number;
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
  readonly status: 'idle' | 'busy' | 'pause' | 'cheap';
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

/** One worker id at the moment of asking. */
export interface WorkerSnapshot {
  readonly id: number;
  /** 0 while nobody holds the id. */
  readonly pid: number;
  readonly isAccepting: boolean;
  /** In bytes. */
  readonly memory: { readonly rss: number; readonly as: number };
  /** What it runs. */
  readonly applications: readonly ApplicationSnapshot[];
  readonly figures: Figures;
}

/** One application of a worker id: what it is and what it has counted since the server started. */
export interface ApplicationSnapshot {
  /** The log's `app`. */
  readonly number: number;
  readonly mountpoint: string;
  /** Where it runs, where that is a place of its own. */
  readonly directory: string;
  /** That its import took. */
  readonly startupSeconds: number;
  readonly requests: number;
  readonly exceptions: number;
}

/** The requests that wait in the gateway; it tells once a second. */
export interface QueueSnapshot {
  readonly length: number;
  readonly limit: number;
  /** How long the oldest of them has waited, in milliseconds. */
  readonly ageMs: number;
}

/** What all workers share, at the moment of asking. */
export interface SharingSnapshot {
  readonly caches: readonly {
    readonly name: string;
    readonly items: number;
    readonly blocks: number;
    readonly blockSize: number;
    readonly keySize: number;
    readonly buckets: number;
    readonly figures: CacheFigures;
  }[];
  /** Undefined where nobody wants any, not even those of the server. */
  readonly metrics:
    | readonly {
        readonly name: string;
        readonly type: (typeof METRIC_TYPES)[number];
        readonly oid: string;
        readonly value: number;
      }[]
    | undefined;
}

/** The server at the moment of asking. */
export interface ServerSnapshot {
  readonly version: string;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly directory: string;
  readonly sockets: readonly {
    readonly name: string;
    readonly protocol: SocketStats['proto'];
    /** Connections that the kernel holds for it at most. */
    readonly backlog: number;
    /** Undefined at the direct door. */
    readonly queue: QueueSnapshot | undefined;
    /** Connections that the kernel holds for it there, as far as it tells. */
    readonly waiting?: number | undefined;
  }[];
  readonly workers: readonly WorkerSnapshot[];
  /** No worker takes requests until somebody resumes. */
  readonly isPaused: boolean;
  readonly sharing: SharingSnapshot;
  /** The keys of the document that are not uWSGI's. */
  readonly own: OwnStats;
  /** Of requests that run for long, what their clients sent: KEY=VALUE. */
  readonly environs: Environs;
  /** Now, on the clock of the scoreboard (microseconds) and of the calendar (seconds). */
  readonly nowUs: number;
  readonly nowEpoch: number;
}

/** By `environKey`. */
export type Environs = ReadonlyMap<string, readonly string[]>;

/** @param startedAtUs by which it is known that it is this request, and none after it */
export function environKey(pid: number, core: number, startedAtUs: number): string {
  return `${pid} ${core} ${startedAtUs}`;
}

export type OwnStats = Pick<
  StatsDocument,
  'state' | 'started_at' | 'latency' | 'responses' | 'applications' | 'gateway' | 'restarts' | 'reloads' | 'log'
>;

/** A document that may be uWSGI's as well as ours. */
export type AnyStatsDocument = Omit<StatsDocument, keyof OwnStats> & Partial<OwnStats>;

/** uWSGI's locks, none of which exist here: always free. */
const LOCKS = ['user 0', 'signal', 'filemon', 'timer', 'rbtimer', 'cron', 'rpc', 'snmp'];

/** By uWSGI's number of each. */
const METRIC_TYPES = ['counter', 'gauge', 'absolute'] as const;

export function buildDocument(server: ServerSnapshot): StatsDocument {
  const sockets = server.sockets.map(describeSocket);
  const fullest = Math.max(0, ...sockets.map(({ queue }) => queue));
  return {
    version: server.version,
    listen_queue: fullest,
    listen_queue_errors: server.own.gateway?.refused ?? 0,
    signal_queue: 0,
    load: fullest,
    pid: server.pid,
    uid: server.uid,
    gid: server.gid,
    cwd: server.directory,
    locks: LOCKS.map((name) => ({ [name]: 0 })),
    ...describeSharing(server.sharing),
    sockets,
    workers: server.workers.map((worker) => describeWorker(worker, server)),
    ...server.own,
  };
}

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

function describeSharing({ caches, metrics }: SharingSnapshot): Pick<StatsDocument, 'caches' | 'metrics'> {
  return {
    ...(caches.length > 0 && { caches: caches.map(describeCache) }),
    ...(metrics !== undefined && {
      metrics: Object.fromEntries(
        metrics.map(({ name, type, oid, value }) => [name, { type: METRIC_TYPES.indexOf(type), oid, value }] as const),
      ),
    }),
  };
}

function describeCache({ name, items, blocks, blockSize, keySize, buckets, figures }: SharingSnapshot['caches'][number]): CacheStats {
  return {
    name,
    hash: 'crc32',
    hashsize: buckets,
    keysize: keySize,
    max_items: items,
    blocks,
    blocksize: blockSize,
    items: figures.items,
    hits: figures.hits,
    miss: figures.misses,
    full: figures.full,
    last_modified_at: figures.changedAt,
  };
}

function describeSocket({ name, protocol, backlog, queue, waiting = 0 }: ServerSnapshot['sockets'][number]): SocketStats {
  const socket = { name, proto: protocol, queue: queue?.length ?? waiting, max_queue: backlog, shared: 0, can_offload: 0 } as const;
  return queue === undefined ? socket : { ...socket, queue_limit: queue.limit, queue_age_ms: queue.ageMs };
}

function describeWorker({ id, pid, isAccepting, memory, figures, applications }: WorkerSnapshot, server: ServerSnapshot): WorkerStats {
  const { total, delta, cores } = figures;
  return {
    id,
    pid,
    accepting: isAccepting ? 1 : 0,
    requests: total.requests,
    delta_requests: delta.requests,
    exceptions: total.exceptions,
    harakiri_count: figures.harakiris,
    signals: figures.signals,
    signal_queue: 0,
    status: statusOf(pid, cores, server),
    rss: memory.rss,
    vsz: memory.as,
    running_time: total.runningTimeUs,
    last_spawn: figures.lastSpawn,
    respawn_count: figures.spawns,
    tx: total.bytesSent,
    avg_rt: averageResponseTime(cores),
    apps: applications.map(describeApplication),
    cores: cores.map((core, index) => describeCore(core, { id: index, pid }, server)),
  };
}

function describeApplication({ number, startupSeconds, directory, ...rest }: ApplicationSnapshot): AppStats {
  const { mountpoint, requests, exceptions } = rest;
  return { id: number, modifier1: 0, mountpoint, startup_time: Math.floor(startupSeconds), requests, exceptions, chdir: directory };
}

interface Core {
  readonly id: number;
  readonly pid: number;
}

type CoreFigures = Figures['cores'][number];

function statusOf(pid: number, cores: readonly CoreFigures[], { isPaused }: ServerSnapshot): WorkerStats['status'] {
  if (pid === 0) return 'cheap';
  if (cores.some(({ record }) => record.state === 'busy')) return 'busy';
  return isPaused ? 'pause' : 'idle';
}

/** uWSGI keeps one figure a worker; ours is the mean of the cores that have served. */
function averageResponseTime(cores: readonly CoreFigures[]): number {
  const times = cores.map(({ record }) => record.averageResponseTimeUs).filter((time) => time > 0);
  return times.length === 0 ? 0 : Math.round(times.reduce((sum, time) => sum + time, 0) / times.length);
}

function describeCore({ requests, record }: CoreFigures, { id, pid }: Core, { nowUs, nowEpoch, environs }: ServerSnapshot): CoreStats {
  const isBusy = record.state === 'busy';
  return {
    id,
    requests,
    static_requests: 0,
    routed_requests: 0,
    offloaded_requests: 0,
    write_errors: record.writeErrors,
    read_errors: record.readErrors,
    in_request: isBusy ? 1 : 0,
    vars: isBusy ? [...(environs.get(environKey(pid, id, record.startedAtUs)) ?? describeRequest(record.request)), ''] : [],
    req_info: isBusy ? describeTime((nowUs - record.startedAtUs) / 1000, nowEpoch) : {},
  };
}

function describeTime(ageMs: number, nowEpoch: number): CoreStats['req_info'] {
  return { request_start: Math.floor(nowEpoch - ageMs / 1000), age_ms: Math.max(0, Math.floor(ageMs)) };
}

function describeRequest(text: string): readonly string[] {
  const blank = text.indexOf(' ');
  return [`REQUEST_METHOD=${text.slice(0, blank)}`, `REQUEST_URI=${text.slice(blank + 1)}`];
}
