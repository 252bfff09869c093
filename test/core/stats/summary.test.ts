import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatsDocument, WorkerStats } from '../../../src/core/stats/document.ts';
import { condense, summarize } from '../../../src/core/stats/summary.ts';

const NO_LATENCY = { seconds: 12.3, requests: 0, p50: 0, p90: 0, p99: 0 };

const worker = (figures: Partial<WorkerStats>) =>
  ({
    id: 1,
    pid: 11,
    status: 'idle',
    requests: 0,
    delta_requests: 0,
    exceptions: 0,
    harakiri_count: 0,
    avg_rt: 0,
    tx: 0,
    rss: 0,
    apps: [],
    ...figures,
  }) as WorkerStats;

test('the statistics as lines, one a socket and one a worker', () => {
  const document = {
    sockets: [
      { name: ':9090', proto: 'http', queue: 2, max_queue: 100, queue_limit: 4096, queue_age_ms: 1540 },
      { name: ':9091', proto: 'http', queue: 0, max_queue: 100, queue_limit: 4096, queue_age_ms: 0 },
      { name: ':3031', proto: 'uwsgi', queue: 0, max_queue: 100 },
    ],
    latency: { seconds: 60, requests: 90, p50: 1250, p90: 4000, p99: 12_345 },
    workers: [
      worker({ rss: 30 << 20, requests: 7, delta_requests: 3, exceptions: 1, avg_rt: 1250, tx: 90 }),
      worker({ id: 2, pid: 0, requests: 5 }),
      worker({ id: 3, rss: 5 << 20, pid: 0 }),
    ],
  } as unknown as StatsDocument;
  assert.deepEqual(summarize(document), [
    'statistics: 12 requests, 3 workers',
    '  in the last 60 s 1.5 requests a second, p50 1.3 ms, p90 4.0 ms, p99 12.3 ms; 35 MB of memory',
    '  http on :9090: 2 waiting of at most 4096, the oldest for 1.5 s, backlog 100',
    '  http on :9091: 0 waiting of at most 4096, backlog 100',
    '  uwsgi on :3031: 0 waiting, backlog 100',
    '  worker 1 (pid 11) idle: 7 requests (3 since its start), 1 exceptions, 0 harakiris, 1.3 ms on average, 90 bytes sent',
    '  worker 2: not running, 5 requests',
    '  worker 3: not running, 0 requests',
  ]);
});

test('where there are several applications, each worker with its own', () => {
  const apps = (mountpoint: string) => [{ mountpoint }] as unknown as WorkerStats['apps'];
  const workers = [worker({ pid: 0, apps: apps('') }), worker({ id: 2, pid: 0, apps: apps('/shop') })];
  assert.deepEqual(summarize({ sockets: [], workers, latency: NO_LATENCY } as unknown as StatsDocument).slice(1), [
    '  in the last 12 s no requests; 0 MB of memory',
    '  worker 1 of /: not running, 0 requests',
    '  worker 2 of /shop: not running, 0 requests',
  ]);
});

test('the statistics in a few words: workers that run', () => {
  const all = [worker({ requests: 7, status: 'busy' }), worker({ id: 2, pid: 0, requests: 5, status: 'cheap' })];
  assert.equal(condense({ workers: all } as unknown as StatsDocument), '1 worker, 1 busy, 12 requests');
  assert.equal(condense({ workers: [] } as unknown as StatsDocument), '0 workers, 0 busy, 0 requests');
});
