import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentTypeOf, exposition, wantedFormat } from '../../../../src/core/stats/prometheus/exposition.ts';
import type { Family } from '../../../../src/core/stats/prometheus/family.ts';

const FAMILIES: readonly Family[] = [
  {
    name: 'tsuwsgi_requests_total',
    help: 'Requests.',
    type: 'counter',
    samples: [{ labels: { application: '/a"b\\c\nd', status: '2xx' }, value: 3 }],
  },
  { name: 'tsuwsgi_connections', help: 'Clients.', type: 'gauge', samples: [{ labels: {}, value: 2.5 }] },
  {
    name: 'tsuwsgi_duration_seconds',
    help: 'Times.',
    type: 'histogram',
    samples: [{ labels: { application: '/' }, bounds: [0.5, 1], counts: [2, 0, 1], sum: 4.25 }],
  },
];

const HISTOGRAM = [
  '# HELP tsuwsgi_duration_seconds Times.',
  '# TYPE tsuwsgi_duration_seconds histogram',
  'tsuwsgi_duration_seconds_bucket{application="/",le="0.5"} 2',
  'tsuwsgi_duration_seconds_bucket{application="/",le="1"} 2',
  'tsuwsgi_duration_seconds_bucket{application="/",le="+Inf"} 3',
  'tsuwsgi_duration_seconds_sum{application="/"} 4.25',
  'tsuwsgi_duration_seconds_count{application="/"} 3',
];

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

test('in the text format, with what labels may not hold escaped', async () => {
  assert.deepEqual(linesOf(await exposition(FAMILIES, 'prometheus')), [
    '# HELP tsuwsgi_requests_total Requests.',
    '# TYPE tsuwsgi_requests_total counter',
    String.raw`tsuwsgi_requests_total{application="/a\"b\\c\nd",status="2xx"} 3`,
    '# HELP tsuwsgi_connections Clients.',
    '# TYPE tsuwsgi_connections gauge',
    'tsuwsgi_connections 2.5',
    ...HISTOGRAM,
  ]);
});

test('in OpenMetrics a counter is named without _total, and there is an end', async () => {
  const lines = linesOf(await exposition(FAMILIES, 'openmetrics'));
  assert.deepEqual(lines.slice(0, 3), [
    '# HELP tsuwsgi_requests Requests.',
    '# TYPE tsuwsgi_requests counter',
    String.raw`tsuwsgi_requests_total{application="/a\"b\\c\nd",status="2xx"} 3`,
  ]);
  assert.deepEqual(lines.slice(-HISTOGRAM.length - 1), [...HISTOGRAM, '# EOF']);
});

test('scrapers say which format they want', () => {
  assert.equal(wantedFormat(undefined), 'prometheus');
  assert.equal(wantedFormat('*/*'), 'prometheus');
  assert.equal(
    wantedFormat('application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,*/*;q=0.1'),
    'openmetrics',
  );
  assert.match(contentTypeOf('openmetrics'), /^application\/openmetrics-text; version=1\.0\.0/);
  assert.match(contentTypeOf('prometheus'), /^text\/plain; version=0\.0\.4/);
});
