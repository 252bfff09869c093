import assert from 'node:assert/strict';
import test from 'node:test';
import { WorkerIds } from '../../../src/core/workers/worker-ids.ts';

test('each pool has ids of its own, in one row, and keeps them', () => {
  const ids = new WorkerIds();
  assert.deepEqual([ids.of('a', 2), ids.of('a', 1), ids.of('b', 1), ids.of('a', 3), ids.of('b', 1)], [2, 1, 3, 4, 3]);
});

test('ids of a pool that is gone are for the next', () => {
  const ids = new WorkerIds();
  ids.of('a', 2);
  ids.of('b', 1);
  ids.free('a');
  assert.deepEqual([ids.of('c', 1), ids.of('c', 2), ids.of('c', 3), ids.of('b', 1)], [1, 2, 4, 3]);
});
