import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Distributions, TIME_BOUNDS } from '../../../../src/core/stats/distributions.ts';
import type { StatsDocument } from '../../../../src/core/stats/document.ts';
import { type ApplicationCounts, metricFamilies } from '../../../../src/core/stats/prometheus/families.ts';
import type { Family } from '../../../../src/core/stats/prometheus/family.ts';
import { NO_OWN_STATS } from '../../../helpers/own-stats.ts';
import { statsDocument } from '../../../helpers/stats-document.ts';

/** Those of one slot with these numbers at these places of python/tsuwsgi/distributions.py, counted in words. */
function distributions(numbers: Readonly<Record<number, number>>): Distributions {
  const bytes = Buffer.alloc(Distributions.SIZE);
  for (const [place, number] of Object.entries(numbers)) bytes.writeBigUInt64LE(BigInt(number), 8 * Number(place));
  return Distributions.in(bytes);
}

const counts = (numbers: Readonly<Record<number, number>>): ApplicationCounts => ({
  mountpoint: '',
  distributions: distributions(numbers),
  runningTimeUs: 1_500_000,
  bytesSent: 7,
  exceptions: 2,
});

function family(name: string, applications: readonly ApplicationCounts[], document: Partial<StatsDocument> = {}): Family | undefined {
  return metricFamilies({ document: statsDocument([], document), applications }).find((each) => each.name === `tsuwsgi_${name}`);
}

const samplesOf = (found: Family | undefined) =>
  found?.type === 'histogram' ? [] : (found?.samples ?? []).map(({ labels, value }) => [labels, value] as const);

test('requests have their application, method and class of status; what never happened has no sample', () => {
  // GET 2xx, and POST 5xx.
  assert.deepEqual(samplesOf(family('requests_total', [counts({ 2: 5, 17: 1 })])), [
    [{ application: '/', method: 'GET', status: '2xx' }, 5],
    [{ application: '/', method: 'POST', status: '5xx' }, 1],
  ]);
});

test('the finest classes of time are put together, and none is lost', () => {
  const all = Object.fromEntries(Array.from({ length: TIME_BOUNDS.length + 1 }, (_, index) => [88 + index, 1]));
  const found = family('request_duration_seconds', [counts(all)]);
  assert.ok(found?.type === 'histogram');
  const [sample] = found.samples;
  assert.ok(sample);
  assert.equal(sample.counts.length, sample.bounds.length + 1);
  assert.equal(
    sample.counts.reduce((sum, count) => sum + count, 0),
    TIME_BOUNDS.length + 1,
  );
  // Below 256 µs: the first class and two times four.
  assert.deepEqual([sample.bounds[0], sample.counts[0], sample.counts[1], sample.sum], [256e-6, 9, 4, 1.5]);
});

test('how long requests waited in the gateway is told in the same classes', () => {
  const waiting = TIME_BOUNDS.map((_, index) => (index < 10 ? 1 : 0));
  const families = metricFamilies({ document: statsDocument([]), applications: [], queue: { waiting, waitedUs: 2_500_000 } });
  const found = families.find(({ name }) => name === 'tsuwsgi_queue_duration_seconds');
  assert.ok(found?.type === 'histogram');
  const [sample] = found.samples;
  assert.deepEqual([sample?.counts[0], sample?.counts[1], sample?.sum], [9, 1, 2.5]);
});

test('what a document does not tell has no family', () => {
  const names = metricFamilies({ document: statsDocument([]), applications: [] }).map(({ name }) => name);
  assert.ok(!names.includes('tsuwsgi_gateway_connections'));
  assert.ok(!names.includes('tsuwsgi_queue_duration_seconds'));
  assert.ok(!names.includes('tsuwsgi_cache_items'));
  assert.ok(!names.includes('tsuwsgi_last_reload_successful'));
});

test('restarts and reloads are told by why and by what came of them', () => {
  const restarts = { ...NO_OWN_STATS.restarts, reload: 2 };
  const reloads = { done: 3, failed: 1, last: { at: 1, ok: false, seconds: 2, error: 'no' } };
  assert.deepEqual(
    samplesOf(family('worker_restarts_total', [], { restarts })).filter(([, value]) => value > 0),
    [[{ reason: 'reload' }, 2]],
  );
  assert.deepEqual(samplesOf(family('reloads_total', [], { reloads })), [
    [{ result: 'done' }, 3],
    [{ result: 'failed' }, 1],
  ]);
  assert.deepEqual(samplesOf(family('last_reload_successful', [], { reloads })), [[{}, 0]]);
});
