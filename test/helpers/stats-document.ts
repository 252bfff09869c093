import type { StatsDocument, WorkerStats } from '../../src/core/stats/document.ts';
import { buildDocument } from '../../src/core/stats/snapshot.ts';
import { NO_OWN_STATS } from './own-stats.ts';

const EMPTY = buildDocument({
  version: '1.2.3',
  pid: 4711,
  uid: 0,
  gid: 0,
  directory: '/srv',
  sockets: [],
  workers: [],
  isPaused: false,
  own: NO_OWN_STATS,
  environs: new Map(),
  sharing: { caches: [], metrics: undefined },
  nowUs: 0,
  nowEpoch: 0,
});

/** A worker with a slot for each age in milliseconds; a free one where it is undefined. */
export function workerStats(ages: readonly (number | undefined)[], changes: Partial<WorkerStats> = {}): WorkerStats {
  return {
    id: 1,
    pid: 100,
    accepting: 1,
    requests: 0,
    delta_requests: 0,
    exceptions: 0,
    harakiri_count: 0,
    signals: 0,
    signal_queue: 0,
    status: ages.some((age) => age !== undefined) ? 'busy' : 'idle',
    rss: 0,
    vsz: 0,
    running_time: 0,
    last_spawn: 0,
    respawn_count: 1,
    tx: 0,
    avg_rt: 0,
    apps: [],
    cores: ages.map((age, id) => ({
      id,
      requests: 0,
      static_requests: 0,
      routed_requests: 0,
      offloaded_requests: 0,
      write_errors: 0,
      read_errors: 0,
      in_request: age === undefined ? 0 : 1,
      vars: age === undefined ? [] : ['REQUEST_METHOD=GET', `REQUEST_URI=/for=${age}`, ''],
      req_info: age === undefined ? {} : { age_ms: age },
    })),
    ...changes,
  };
}

/** The document of a server with these workers, and whatever else is said of it. */
export function statsDocument(workers: readonly WorkerStats[], changes: Partial<StatsDocument> = {}): StatsDocument {
  return { ...EMPTY, workers, ...changes };
}
