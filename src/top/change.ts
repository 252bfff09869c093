/** What happened between two documents, as rates per second. */
import type { ApplicationStats, CoreStats, AnyStatsDocument, WorkerStats } from '../core/stats/document.ts';
import type { Sample } from './sample.ts';

/** All are undefined where there is only one document. */
export interface Rates {
  readonly requests: number | undefined;
  readonly bytes: number | undefined;
  /** Answers with a 5xx; undefined as well where the server does not tell. */
  readonly failures: number | undefined;
}

export interface Change {
  readonly total: Rates;
  /** Requests of a worker, a core of it, or an application. */
  readonly worker: (worker: WorkerStats) => number | undefined;
  readonly core: (worker: WorkerStats, core: CoreStats) => number | undefined;
  readonly application: (mountpoint: string, requests: number) => number | undefined;
  /** Mean response time of what ended in between, in microseconds; undefined where nothing did. */
  readonly averageUs: number | undefined;
}

export function changeBetween(now: Sample, before: Sample | undefined): Change {
  const seconds = before && now.at > before.at ? now.at - before.at : undefined;
  // A server that was started in between has counted from nothing.
  const old = before && isSameServer(now.document, before.document) ? before.document : undefined;
  const perSecond = (value: number, was: number | undefined) => (seconds === undefined ? undefined : increase(value, was) / seconds);
  const oldWorkers = new Map(old?.workers.map((worker) => [worker.id, worker]));
  const oldApplications = new Map(old && requestsByMountpoint(old));
  const sum = (key: SummedKey) =>
    now.document.workers.reduce((total, worker) => total + increase(worker[key], oldWorkers.get(worker.id)?.[key]), 0);
  const requests = sum('requests') + increase(gatewayRequests(now.document), old && gatewayRequests(old));
  return {
    total: {
      requests: seconds && requests / seconds,
      bytes: seconds && (sum('tx') + increase(now.document.gateway?.tx ?? 0, old?.gateway?.tx)) / seconds,
      failures: now.document.responses && perSecond(now.document.responses['5xx'], old?.responses?.['5xx']),
    },
    worker: ({ id, requests }) => perSecond(requests, oldWorkers.get(id)?.requests),
    core: (worker, { id, requests }) => perSecond(requests, oldWorkers.get(worker.id)?.cores.find((one) => one.id === id)?.requests),
    application: (mountpoint, requests) => perSecond(requests, oldApplications.get(mountpoint)),
    averageUs: seconds && sum('requests') > 0 ? sum('running_time') / sum('requests') : undefined,
  };
}

type SummedKey = 'requests' | 'tx' | 'running_time';

/** A counter that has fallen began anew. */
function increase(value: number, before = 0): number {
  return value < before ? value : value - before;
}

/** Requests of each application, from wherever the document tells them. */
export function requestsByMountpoint(document: AnyStatsDocument): readonly (readonly [mountpoint: string, requests: number])[] {
  const told: readonly Pick<ApplicationStats, 'mountpoint' | 'requests'>[] =
    document.applications ?? document.workers.flatMap(({ apps }) => apps);
  const sums = new Map<string, number>();
  for (const { mountpoint, requests } of told) sums.set(mountpoint, (sums.get(mountpoint) ?? 0) + requests);
  return [...sums];
}

function isSameServer(one: AnyStatsDocument, other: AnyStatsDocument): boolean {
  return one.pid === other.pid && one.started_at === other.started_at;
}

/** What the gateway answered without a worker. */
function gatewayRequests({ gateway }: AnyStatsDocument): number {
  return gateway === undefined ? 0 : gateway.static_requests + gateway.routed_requests + gateway.other_requests;
}
