import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatsDocument, WorkerStats } from '../../../../src/core/stats/document.ts';
import { NO_OWN_STATS } from '../../../helpers/own-stats.ts';
import { carbonLines, type CarbonNames } from '../../../../src/core/stats/push/carbon.ts';

const NAMES: CarbonNames = { prefix: 'uwsgi.box.id', hasWorkers: true, usesMetrics: false, idleAverage: 'last' };

const worker = (over: Partial<WorkerStats>): WorkerStats =>
  ({
    id: 1,
    pid: 9,
    requests: 3,
    tx: 30,
    avg_rt: 50,
    harakiri_count: 1,
    running_time: 0,
    cores: [{}, {}],
    ...over,
  }) as unknown as WorkerStats;
const moment = (at: number, ...workers: readonly WorkerStats[]) => ({
  document: { workers, sockets: [], latency: NO_OWN_STATS.latency } as unknown as StatsDocument,
  at,
});

const ofWorker = (lines: readonly string[], name: string): string | undefined =>
  lines.find((line) => line.startsWith(`uwsgi.box.id.worker1.${name} `))?.split(' ')[1];

test("the lines are those of uWSGI's plugin, in its order", () => {
  assert.deepEqual(
    carbonLines(moment(100.7, worker({}), worker({ id: 2, pid: 0, requests: 0, tx: 0, avg_rt: 0, harakiri_count: 0 })), undefined, NAMES),
    [
      'uwsgi.box.id.requests 3 100',
      'uwsgi.box.id.worker1.requests 3 100',
      'uwsgi.box.id.worker1.avg_rt 50 100',
      'uwsgi.box.id.worker1.tx 30 100',
      'uwsgi.box.id.worker1.busyness 0 100',
      'uwsgi.box.id.worker1.harakiri 1 100',
      'uwsgi.box.id.worker2.requests 0 100',
      'uwsgi.box.id.worker2.avg_rt 0 100',
      'uwsgi.box.id.worker2.tx 0 100',
      'uwsgi.box.id.worker2.busyness 0 100',
      'uwsgi.box.id.worker2.harakiri 0 100',
      'uwsgi.box.id.avg_rt 50 100',
      'uwsgi.box.id.tx 30 100',
      'uwsgi.box.id.busyness 0 100',
      'uwsgi.box.id.active_workers 1 100',
      'uwsgi.box.id.harakiri 1 100',
    ],
  );
});

test('busyness is the share of the time in which its threads ran requests', () => {
  const before = moment(100, worker({ running_time: 1_000_000 }));
  // 10 seconds of 2 threads; 5 of them were spent.
  const lines = carbonLines(moment(110, worker({ running_time: 6_000_000 })), before, NAMES);
  assert.equal(ofWorker(lines, 'busyness'), '25');
});

test('carbon-idle-avg says what is sent of a worker that had no requests', () => {
  const before = moment(1, worker({}));
  const average = (idleAverage: CarbonNames['idleAverage'], requests = 3) =>
    ofWorker(carbonLines(moment(2, worker({ requests })), before, { ...NAMES, idleAverage }), 'avg_rt');
  assert.deepEqual([average('last'), average('zero'), average('none')], ['50', '0', undefined]);
  assert.deepEqual([average('zero', 4), average('none', 4)], ['50', '50']);
});

test('carbon-no-workers leaves single workers out', () => {
  const lines = carbonLines(moment(1, worker({})), undefined, { ...NAMES, hasWorkers: false });
  assert.equal(lines.length, 6);
  assert.ok(lines.every((line) => !line.includes('worker1')));
});

test('carbon-use-metrics sends everything there is', () => {
  const lines = carbonLines(moment(1, worker({ cores: [] })), undefined, { ...NAMES, usesMetrics: true });
  assert.ok(lines.includes('uwsgi.box.id.worker.1.total_tx 30 1'));
  assert.ok(lines.includes('uwsgi.box.id.core.busy_workers 0 1'));
});
