import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatsDocument } from '../../../src/core/stats/document.ts';
import { fullName, namedFigures, withServerMetrics } from '../../../src/core/stats/named-figures.ts';
import { statsDocument, workerStats } from '../../helpers/stats-document.ts';

const OF_THE_APPLICATION: StatsDocument['metrics'] = { jobs: { type: 0, oid: '', value: 7 } };

const WORKER = workerStats([undefined], { requests: 3, delta_requests: 2, avg_rt: 126, tx: 189, running_time: 252 });

const serving = (metrics?: StatsDocument['metrics']): StatsDocument => statsDocument([WORKER], metrics && { metrics });

const namesOf = (document: StatsDocument): readonly string[] => namedFigures(document, true).map(fullName);

test("the document has uWSGI's own metrics under uWSGI's names, types and identifiers, and the application's", () => {
  const { metrics = {} } = withServerMetrics(serving(OF_THE_APPLICATION));
  assert.deepEqual(metrics['jobs'], { type: 0, oid: '', value: 7 });
  for (const [name, metric] of Object.entries({
    'core.idle_workers': { type: 1, oid: '5.4', value: 1 },
    'core.total_tx': { type: 0, oid: '5.100', value: 189 },
    'worker.0.requests': { type: 0, oid: '3.0.1', value: 3 },
    'worker.1.requests': { type: 0, oid: '3.1.1', value: 3 },
    'worker.1.delta_requests': { type: 2, oid: '3.1.2', value: 2 },
    'worker.1.avg_response_time': { type: 1, oid: '3.1.8', value: 126 },
    'worker.1.running_time': { type: 0, oid: '3.1.13', value: 252 },
    'worker.1.core.0.read_errors': { type: 0, oid: '3.1.2.0.8', value: 0 },
  }))
    assert.deepEqual(metrics[name], metric, name);
});

test('what is of the whole server is made of its workers, as in uWSGI', () => {
  const workers = [
    workerStats([1], { avg_rt: 20, tx: 100, running_time: 7, rss: 4096, vsz: 8192, requests: 5 }),
    workerStats([undefined], { id: 2, avg_rt: 40, tx: 50, running_time: 8, rss: 1024, vsz: 2048, requests: 6 }),
    workerStats([], { id: 3, pid: 0, status: 'cheap' }),
  ];
  const { metrics = {} } = withServerMetrics(statsDocument(workers, { metrics: {} }));
  const values = Object.entries(metrics).flatMap(([name, { value }]) => (/^core|^worker\.0/.test(name) ? [[name, value]] : []));
  assert.deepEqual(Object.fromEntries(values), {
    'core.busy_workers': 1,
    'core.idle_workers': 1,
    'core.total_tx': 150,
    'core.total_rss': 5120,
    'core.total_vsz': 10240,
    'core.avg_response_time': 20,
    'core.total_running_time': 15,
    'worker.0.requests': 11,
  });
});

test('what is ours alone is no metric of the document, and without metrics there are none', () => {
  const { metrics = {} } = withServerMetrics(serving({}));
  assert.deepEqual(
    Object.keys(metrics).filter((name) => /queue|p50|harakiris|connections/.test(name)),
    [],
  );
  const without = serving();
  assert.equal(withServerMetrics(without), without);
});

test('a metric that the application declares under a name of the server stays its own', () => {
  const own = { type: 1, oid: '9', value: -4 };
  assert.deepEqual(withServerMetrics(serving({ 'core.total_tx': own })).metrics?.['core.total_tx'], own);
});

test('each figure is sent once, whether or not the document has metrics', () => {
  assert.deepEqual(namesOf(withServerMetrics(serving(OF_THE_APPLICATION))), [...namesOf(serving()), 'jobs']);
});
