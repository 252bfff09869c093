import assert from 'node:assert/strict';
import test from 'node:test';
import { Brake } from '../../../src/core/workers/brake.ts';

const YOUNG = 100;
const OLD = 60_000;

test('the first successor comes at once, those of workers that keep dying young ever later', () => {
  const brake = new Brake();
  const pauses = Array.from({ length: 9 }, () => brake.pauseAfter(1, YOUNG));
  assert.deepEqual(pauses, [0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
});

test('a worker that lived long enough clears its id', () => {
  const brake = new Brake();
  brake.pauseAfter(1, YOUNG);
  brake.pauseAfter(1, YOUNG);
  assert.equal(brake.pauseAfter(1, OLD), 0);
  assert.equal(brake.pauseAfter(1, YOUNG), 0);
});

test('one id does not pay for another', () => {
  const brake = new Brake();
  brake.pauseAfter(1, YOUNG);
  brake.pauseAfter(1, YOUNG);
  assert.equal(brake.pauseAfter(2, YOUNG), 0);
});
