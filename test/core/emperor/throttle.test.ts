import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Throttle, YOUNG_MS } from '../../../src/core/emperor/throttle.ts';

const PLAN = { firstMs: 1000, mostMs: 5000, grows: true };

test('the pauses of one that keeps dying young double up to a bound', () => {
  const throttle = new Throttle(PLAN);
  const pauses = [0, 0, YOUNG_MS - 1, 0, 0].map((servedMs) => throttle.pauseAfter(servedMs));
  assert.deepEqual(pauses, [1000, 2000, 4000, 5000, 5000]);
  assert.deepEqual([throttle.deaths, throttle.pauseMs], [5, 5000]);
});

test('one that has served for a while is started again at once, and its past is forgotten', () => {
  const throttle = new Throttle(PLAN);
  throttle.pauseAfter(0);
  assert.equal(throttle.pauseAfter(YOUNG_MS), 0);
  assert.equal(throttle.pauseAfter(0), 1000);
});

test('a change of the file lifts it', () => {
  const throttle = new Throttle(PLAN);
  throttle.pauseAfter(0);
  throttle.forgive();
  assert.deepEqual([throttle.deaths, throttle.pauseMs], [0, 0]);
  assert.equal(throttle.pauseAfter(0), 1000);
});

test('without a blacklist all pauses are the first', () => {
  const throttle = new Throttle({ ...PLAN, grows: false });
  assert.deepEqual([throttle.pauseAfter(0), throttle.pauseAfter(0)], [1000, 1000]);
});

test('however often it dies, the pause is a number', () => {
  const throttle = new Throttle({ firstMs: 1000, mostMs: 180_000, grows: true });
  for (let death = 0; death < 5000; death++) throttle.pauseAfter(0);
  assert.equal(throttle.pauseMs, 180_000);
});
