import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counters } from '../../../src/core/gateway/counters.ts';
import { TIME_BOUNDS } from '../../../src/core/stats/distributions.ts';

test('answers are counted by who made them and by class of status', () => {
  const counters = new Counters();
  counters.answered('file', 200, 100);
  counters.answered('rule', 301, 10);
  counters.answered('other', 503, 1);
  counters.answered('other', 0, 0);
  const told = counters.tell(false);
  assert.deepEqual([told?.answers, told?.responses, told?.bytes], [{ file: 1, rule: 1, other: 2 }, [1, 0, 1, 1, 0, 1], 111]);
});

test('a time of waiting is in the class that ends above it', () => {
  for (const milliseconds of [0, 0.063, 0.064, 0.08, 0.127, 0.128, 1, 3.7, 100, 59_999, 1e9]) {
    const counters = new Counters();
    counters.waited(milliseconds);
    const at = TIME_BOUNDS.findIndex((bound) => milliseconds * 1000 < bound);
    const wanted = Array.from({ length: TIME_BOUNDS.length + 1 }, () => 0);
    wanted[at === -1 ? TIME_BOUNDS.length : at] = 1;
    assert.deepEqual(counters.tell(false)?.waiting, wanted, `${milliseconds} ms`);
  }
});

test('times of waiting are added up', () => {
  const counters = new Counters();
  for (const milliseconds of [0, 0.25, 40]) counters.waited(milliseconds);
  assert.equal(counters.tell(false)?.waitedUs, 40_250);
});

test('nothing is told where nothing was done, unless it is wanted', () => {
  const counters = new Counters();
  counters.tell(false);
  assert.equal(counters.tell(false), undefined);
  counters.refused(0);
  assert.equal(counters.tell(false), undefined);
  assert.equal(counters.tell(true)?.refused, 0);
  counters.refused();
  counters.refused(2);
  counters.offloaded();
  const { refused, offloaded } = counters.tell(false) ?? {};
  assert.deepEqual([refused, offloaded], [3, 1]);
});
