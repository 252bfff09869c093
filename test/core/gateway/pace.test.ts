import assert from 'node:assert/strict';
import test from 'node:test';
import { Pace } from '../../../src/core/gateway/pace.ts';

test('a client may be silent for as long as its patience', () => {
  const pace = new Pace(1000, 0);
  assert.equal(pace.received(1_000_000, 10), 1000);
});

test('one that sends drop by drop has less time with each drop, and then none', () => {
  const pace = new Pace(1000, 0);
  assert.equal(pace.received(1, 400), 602);
  assert.equal(pace.received(1, 900), 104);
  assert.equal(pace.received(1, 2000), 1);
});

test('one that sends 500 bytes a second may go on for ever', () => {
  const pace = new Pace(1000, 0);
  for (let now = 500; now < 600_000; now += 500) assert.equal(pace.received(250, now), 1000);
});

test('the time in which it is not read does not count', () => {
  const pace = new Pace(1000, 0);
  pace.pause(100);
  pace.pause(5000);
  assert.equal(pace.resume(10_100), 900);
  assert.equal(pace.resume(10_200), 800);
});

test('without patience there is no limit', () => {
  assert.equal(new Pace(0, 0).received(1, 1e9), 0);
});
