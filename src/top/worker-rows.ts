import type { CoreStats, AnyStatsDocument, WorkerStats } from '../core/stats/document.ts';
import { harmless } from './cells.ts';
import type { Change } from './change.ts';
import type { Sample } from './sample.ts';

/** What a line of the table of workers tells: of a worker, or of one core of it. A figure that only workers have is undefined for a core. */
export interface WorkerRow {
  readonly name: string;
  readonly id: number;
  readonly pid: number;
  readonly state: string;
  readonly requests: number;
  /** Percent of the server's requests. */
  readonly share: number;
  /** Undefined while there is only one document. */
  readonly rate: number | undefined;
  readonly exceptions?: number;
  readonly harakiris?: number;
  readonly averageUs?: number;
  readonly rss?: number;
  readonly vsz?: number;
  readonly sent?: number;
  readonly runningUs?: number;
  readonly spawns?: number;
  /** Undefined also for a worker that was never there. */
  readonly livedUs?: number | undefined;
  /** Undefined also where the document tells no cores. */
  readonly cores?: { readonly busy: number; readonly all: number } | undefined;
}

/** Which rows there are; uwsgitop has the same three. */
export type Rows = 'workers' | 'cores' | 'cores below workers';

/** A row for each worker, in this order, or each core. */
export function workerRows(sample: Sample, change: Change, { rows, inOrder }: RowsWanted): readonly WorkerRow[] {
  const { workers } = sample.document;
  const all = requestsOf(sample.document);
  const coresOf = (worker: WorkerStats) =>
    worker.cores.filter(isUsed).map((core) => coreRow(worker, core, { rate: change.core(worker, core), all }));
  if (rows === 'cores') return inOrder(workers.flatMap(coresOf));
  const ofWorkers = inOrder(workers.map((worker) => workerRow(worker, { rate: change.worker(worker), all, epoch: sample.epoch })));
  if (rows === 'workers') return ofWorkers;
  const cores = new Map(workers.map((worker) => [worker.id, coresOf(worker)]));
  return ofWorkers.flatMap((row) => [row, ...(cores.get(row.id) ?? [])]);
}

export interface RowsWanted {
  readonly rows: Rows;
  readonly inOrder: (rows: readonly WorkerRow[]) => readonly WorkerRow[];
}

export function requestsOf({ workers }: AnyStatsDocument): number {
  return workers.reduce((sum, { requests }) => sum + requests, 0);
}

/** Of many threads most may never have been needed. */
function isUsed({ requests, in_request: inRequest }: CoreStats): boolean {
  return requests > 0 || inRequest === 1;
}

interface Surroundings {
  readonly rate: number | undefined;
  /** Requests of all workers. */
  readonly all: number;
}

function workerRow(worker: WorkerStats, { rate, all, epoch }: Surroundings & { epoch: number }): WorkerRow {
  const { id, pid, requests, exceptions, rss, vsz } = worker;
  const busy = worker.cores.filter(({ in_request: inRequest }) => inRequest === 1).length;
  return {
    name: String(id),
    id,
    pid,
    state: harmless(worker.status),
    requests,
    share: shareOf(requests, all),
    rate,
    exceptions,
    harakiris: worker.harakiri_count,
    averageUs: worker.avg_rt,
    rss,
    vsz,
    sent: worker.tx,
    runningUs: worker.running_time,
    spawns: worker.respawn_count,
    livedUs: worker.last_spawn === 0 ? undefined : Math.max(0, epoch - worker.last_spawn) * 1e6,
    cores: worker.cores.length === 0 ? undefined : { busy, all: worker.cores.length },
  };
}

function coreRow(worker: WorkerStats, core: CoreStats, { rate, all }: Surroundings): WorkerRow {
  return {
    name: `${worker.id}:${core.id}`,
    id: worker.id,
    pid: worker.pid,
    state: core.in_request === 1 ? 'busy' : 'idle',
    requests: core.requests,
    share: shareOf(core.requests, all),
    rate,
  };
}

function shareOf(requests: number, all: number): number {
  return all === 0 ? 0 : (100 * requests) / all;
}
