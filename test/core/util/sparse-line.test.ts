import assert from 'node:assert/strict';
import test from 'node:test';
import { SparseLine } from '../../../src/core/util/sparse-line.ts';

test('who wants to hear less of it says so', () => {
  const told: number[] = [];
  const line = new SparseLine((times) => told.push(times), 60_000);
  line.add(1, 0);
  line.add(1, 59_999);
  assert.deepEqual(told, [1]);
  line.add(1, 60_000);
  assert.deepEqual(told, [1, 2]);
});

test('the first time is told at once, the others together every ten seconds', () => {
  const told: number[] = [];
  const line = new SparseLine((times) => told.push(times));
  line.add(1, 0);
  line.add(2, 10);
  line.add(3, 9_999);
  assert.deepEqual(told, [1]);
  line.tell(10_000);
  line.tell(20_000);
  assert.deepEqual(told, [1, 5], 'nothing is told where nothing was');
  line.add(4, 20_001);
  assert.deepEqual(told, [1, 5, 4]);
});
