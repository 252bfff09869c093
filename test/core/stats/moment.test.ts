import assert from 'node:assert/strict';
import { test } from 'node:test';
import { momentOf } from '../../../src/core/stats/moment.ts';
import { NO_OWN_STATS } from '../../helpers/own-stats.ts';
import { statsDocument, workerStats } from '../../helpers/stats-document.ts';

const WORKERS = [
  workerStats([5, undefined], { rss: 10 }),
  workerStats([undefined], { id: 2, rss: 20 }),
  workerStats([undefined], { id: 3, pid: 0 }),
];

test('a moment is what the chart shows of a document', () => {
  const document = statsDocument(WORKERS, {
    listen_queue: 4,
    responses: { ...NO_OWN_STATS.responses, '2xx': 20, '5xx': 4 },
    latency: { seconds: 60, requests: 3, p50: 1, p90: 2, p99: 3 },
    gateway: { rss: 7 } as never,
  });
  const expected = { at: 99.5, requests: 24, errors: 4, p50: 1, p90: 2, p99: 3, busy: 1, slots: 3, queue: 4, memory: 37 };
  assert.deepEqual(momentOf(document, 99.5), expected);
});

test('a minute without a request has no percentiles', () => {
  const { p50, p90, p99, memory } = momentOf(statsDocument(WORKERS), 0);
  assert.deepEqual([p50, p90, p99, memory], [null, null, null, 30]);
});
