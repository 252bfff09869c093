import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReloadError } from '../../../src/core/errors/workers.ts';
import { ReloadRecord } from '../../../src/core/stats/reload-record.ts';

test('counts reloads, and knows how the last one went', async () => {
  const record = new ReloadRecord();
  assert.deepEqual(record.figures, { done: 0, failed: 0 });
  await record.observe(() => Promise.resolve());
  assert.deepEqual([record.figures.done, record.figures.last?.ok, record.figures.last?.error], [1, true, '']);
  const failure = new ReloadError(new Error('no module named shop'));
  await assert.rejects(
    record.observe(() => Promise.reject(failure)),
    failure,
  );
  const { done, failed, last } = record.figures;
  assert.deepEqual([done, failed, last?.ok, last?.error], [1, 1, false, 'no module named shop']);
});
