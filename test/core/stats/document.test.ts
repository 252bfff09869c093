import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDocument, shapeDocument } from '../../../src/core/stats/document.ts';
import { statsDocument, workerStats } from '../../helpers/stats-document.ts';

test('it may be told without blanks, cores and metrics; the rest stays as it is', () => {
  const document = statsDocument([workerStats([undefined])], { metrics: { level: { type: 1, oid: '1.2', value: 1 } } });
  const whole = { isMinified: false, hasCores: true, hasMetrics: true };
  assert.equal(shapeDocument(document, whole), formatDocument(document));
  assert.equal(shapeDocument(document, { ...whole, isMinified: true }), JSON.stringify(document));
  const { metrics, ...rest } = JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
  assert.deepEqual(JSON.parse(shapeDocument(document, { ...whole, hasMetrics: false })), rest);
  const { workers } = JSON.parse(shapeDocument(document, { ...whole, hasCores: false })) as { workers: readonly object[] };
  assert.deepEqual(Object.keys(workers[0] ?? {}).slice(-2), ['avg_rt', 'apps']);
  assert.ok(metrics);
});

test('the text has tabs and no blank behind a colon, and values that look like keys stay as they are', () => {
  const text = formatDocument(statsDocument([], { cwd: '/srv/"a": b' }));
  assert.match(text, /^\{\n\t"version":"1\.2\.3",\n\t"listen_queue":0,/);
  assert.equal((JSON.parse(text) as { cwd: string }).cwd, '/srv/"a": b');
});
