import assert from 'node:assert/strict';
import test from 'node:test';
import { Pace } from '../../../src/core/gateway/pace.ts';

test('a client may be silent for as long as its patience', () => {
  const { at } = makePace(1000);
  assert.equal(at(10).received(1_000_000), 1000);
});

test('one that sends drop by drop has less time with each drop, and then none', () => {
  const { at } = makePace(1000);
  assert.equal(at(400).received(1), 602);
  assert.equal(at(900).received(1), 104);
  assert.equal(at(2000).received(1), 1);
});

test('one that sends 500 bytes a second may go on for ever', () => {
  const { at } = makePace(1000);
  for (let now = 500; now < 600_000; now += 500) assert.equal(at(now).received(250), 1000);
});

test('the time in which it is not read does not count', () => {
  const { at } = makePace(1000);
  at(100).pause();
  at(5000).pause();
  assert.equal(at(10_100).resume(), 900);
  assert.equal(at(10_200).resume(), 800);
});

test('without patience there is no limit', () => {
  assert.equal(makePace(0).at(1e9).received(1), 0);
});

/** A pace whose deadlines are told as the time that is left, and what it is at a time. */
function makePace(patienceMs: number): { at: (now: number) => Pace } {
  const clock = { now: 0, after: (milliseconds: number) => milliseconds };
  const pace = new Pace(patienceMs, clock);
  return {
    at: (now) => {
      clock.now = now;
      return pace;
    },
  };
}
