import assert from 'node:assert/strict';
import test from 'node:test';
import { SharedMeasurement } from '../../bench/shared-measurement.ts';

test('the second section takes what the first one has found, round by round, and measures what is missing', async (t) => {
  let measured = 0;
  const measurement = new SharedMeasurement((_scope, seconds) => {
    measured++;
    return Promise.resolve({ rate: 100 * measured, p99: measured / seconds });
  });
  const rate = measurement.figure((figures) => figures.rate);
  const p99 = measurement.figure((figures) => figures.p99);
  assert.deepEqual([await rate(t, 2), await rate(t, 2)], [100, 200]);
  assert.deepEqual([await p99(t, 2), await p99(t, 2)], [0.5, 1]);
  assert.equal(measured, 2);
  assert.equal(await p99(t, 2), 1.5);
});
