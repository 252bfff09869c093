import assert from 'node:assert/strict';
import test from 'node:test';
import { Seats } from '../../../src/core/workers/seats.ts';

test('the lowest free seat is taken first, and a freed one again', () => {
  const seats = new Seats(3);
  assert.deepEqual([seats.take(), seats.take()], [0, 1]);
  seats.free(0);
  assert.deepEqual([seats.take(), seats.take()], [0, 2]);
});

test('there is no seat when all are taken', () => {
  const seats = new Seats(1);
  seats.take();
  assert.equal(seats.take(), undefined);
});
