import assert from 'node:assert/strict';
import test from 'node:test';
import { Seats } from '../../../src/core/workers/seats.ts';

test('the lowest free slots are taken first, and freed ones again', () => {
  const seats = new Seats(6);
  assert.deepEqual([seats.take(2), seats.take(2)], [0, 2]);
  seats.free({ seat: 0, threads: 2 });
  assert.deepEqual([seats.take(2), seats.take(2)], [0, 4]);
});

test('a worker with more threads passes over a gap that is too small for it', () => {
  const seats = new Seats(6);
  assert.deepEqual([seats.take(1), seats.take(1)], [0, 1]);
  seats.free({ seat: 0, threads: 1 });
  assert.deepEqual([seats.take(3), seats.take(1), seats.take(1)], [2, 0, 5]);
});

test('who found no place is called once when one is free, however often it asked', async () => {
  const seats = new Seats(2);
  const called: string[] = [];
  const ask = (): void => void called.push('now');
  const seat = seats.take(2) ?? NaN;
  for (let nth = 0; nth < 3; nth++) seats.whenFree(ask);
  seats.free({ seat, threads: 2 });
  assert.deepEqual(called, [], 'not before the one who leaves is done');
  await Promise.resolve();
  seats.free({ seat, threads: 2 });
  await Promise.resolve();
  assert.deepEqual(called, ['now']);
});

test('there is no place when too few slots in a row are free', () => {
  const seats = new Seats(3);
  seats.take(2);
  assert.equal(seats.take(2), undefined);
});

test('there is room for as many workers as have their threads side by side', () => {
  assert.equal(new Seats(7).roomFor(2), 3);
});
