/** The server at the moment of asking, and the statistics document that is made of it. */
import type { MemoryUse } from '../util/memory.ts';
import type { AppStats, CacheStats, CoreStats, OwnStats, SocketStats, StatsDocument, WorkerStats } from './document.ts';
import { methodAndUri } from './scoreboard.ts';
import type { CacheFigures } from './shared-table.ts';
import type { Figures } from './tally.ts';

/** One worker id at the moment of asking. */
export interface WorkerSnapshot {
  readonly id: number;
  /** 0 while nobody holds the id. */
  readonly pid: number;
  readonly isAccepting: boolean;
  readonly memory: MemoryUse;
  /** What it runs. */
  readonly applications: readonly ApplicationSnapshot[];
  readonly figures: Figures;
  /** Of the module uwsgi, whose handlers have run. */
  readonly signals: number;
  /** The one whose handler runs now. */
  readonly handles?: number | undefined;
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

function describeWorker(worker: WorkerSnapshot, server: ServerSnapshot): WorkerStats {
  const { id, pid, isAccepting, memory, applications, figures, signals } = worker;
  const { total, delta, cores } = figures;
  return {
    id,
    pid,
    accepting: isAccepting ? 1 : 0,
    requests: total.requests,
    delta_requests: delta.requests,
    exceptions: total.exceptions,
    harakiri_count: figures.harakiris,
    signals,
    signal_queue: 0,
    status: statusOf(worker, server),
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

function statusOf({ pid, handles, figures: { cores } }: WorkerSnapshot, { isPaused }: ServerSnapshot): WorkerStats['status'] {
  if (pid === 0) return 'cheap';
  if (handles !== undefined) return `sig${handles}`;
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

function describeRequest(request: string): readonly string[] {
  const { method, uri } = methodAndUri(request);
  return [`REQUEST_METHOD=${method}`, `REQUEST_URI=${uri}`];
}
