import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { settleAtMost } from '../../../src/core/util/at-most.ts';

test('so many at a time, and each result in its place', async () => {
  let [running, most] = [0, 0];
  const results = await settleAtMost(2, [1, 2, 3, 4, 5], async (item) => {
    most = Math.max(most, ++running);
    await settle();
    running--;
    if (item === 3) throw new Error('three');
    return item * 10;
  });
  assert.equal(most, 2);
  assert.deepEqual(
    results.map((result) => (result.status === 'fulfilled' ? result.value : (result.reason as Error).message)),
    [10, 20, 'three', 40, 50],
  );
});
