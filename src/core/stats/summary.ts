import type { SocketStats, StatsDocument, WorkerStats } from './document.ts';
import type { Latency } from './latency-window.ts';

/** The statistics in a few words. */
export function condense({ workers }: StatsDocument): string {
  const running = workers.filter(({ pid }) => pid > 0);
  const busy = running.filter(({ status }) => status === 'busy');
  return `${running.length} ${running.length === 1 ? 'worker' : 'workers'}, ${busy.length} busy, ${countRequests(workers)} requests`;
}

/** The statistics as lines for people, one a worker, behind those of the whole server. */
export function summarize({ workers, sockets, latency }: StatsDocument): readonly string[] {
  const isShared = new Set(workers.map(mountpointOf)).size > 1;
  return [
    `statistics: ${countRequests(workers)} requests, ${workers.length} workers`,
    `  ${describeLatency(latency)}; ${megabytes(workers)} MB of memory`,
    ...sockets.map(describeSocket),
    ...workers.map((worker) => describeWorker(worker, isShared ? ` of ${mountpointOf(worker)}` : '')),
  ];
}

/** "in the last 60 s 1.5 requests a second, p50 2.1 ms, p90 4.0 ms, p99 9.3 ms"; shorter where there were none. */
function describeLatency({ seconds, requests, p50, p90, p99 }: Latency): string {
  const period = `in the last ${seconds < 10 ? seconds : Math.round(seconds)} s`;
  if (requests === 0 || seconds === 0) return `${period} no requests`;
  const times = Object.entries({ p50, p90, p99 }).map(([name, us]) => `${name} ${(us / 1000).toFixed(1)} ms`);
  return `${period} ${(requests / seconds).toFixed(1)} requests a second, ${times.join(', ')}`;
}

/** Of all workers. */
function megabytes(workers: readonly WorkerStats[]): number {
  return Math.round(workers.reduce((sum, { rss }) => sum + rss, 0) / 2 ** 20);
}

function describeSocket({ name, proto, queue, max_queue, queue_limit, queue_age_ms = 0 }: SocketStats): string {
  const limit = queue_limit === undefined ? '' : ` of at most ${queue_limit}`;
  const age = queue === 0 ? '' : `, the oldest for ${(queue_age_ms / 1000).toFixed(1)} s`;
  return `  ${proto} on ${name}: ${queue} waiting${limit}${age}, backlog ${max_queue}`;
}

function countRequests(workers: readonly WorkerStats[]): number {
  return workers.reduce((sum, worker) => sum + worker.requests, 0);
}

function mountpointOf({ apps }: WorkerStats): string {
  const mountpoint = apps[0]?.mountpoint ?? '';
  return mountpoint === '' ? '/' : mountpoint;
}

/** @param whose " of /shop", where there are several applications */
function describeWorker(worker: WorkerStats, whose: string): string {
  const { id, pid, status, requests, delta_requests, exceptions, harakiri_count, avg_rt, tx } = worker;
  if (pid === 0) return `  worker ${id}${whose}: not running, ${requests} requests`;
  const counts = [
    `${requests} requests (${delta_requests} since its start)`,
    `${exceptions} exceptions`,
    `${harakiri_count} harakiris`,
    `${(avg_rt / 1000).toFixed(1)} ms on average`,
    `${tx} bytes sent`,
  ];
  return `  worker ${id}${whose} (pid ${pid}) ${status}: ${counts.join(', ')}`;
}
