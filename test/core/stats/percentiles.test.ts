import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TIME_BOUNDS } from '../../../src/core/stats/distributions.ts';
import { percentile } from '../../../src/core/stats/percentiles.ts';

const times = (counts: Readonly<Record<number, number>>): Float64Array =>
  Float64Array.from({ length: TIME_BOUNDS.length + 1 }, (_, index) => counts[index] ?? 0);

test('nothing has no percentiles', () => {
  assert.equal(percentile(times({}), 0.5), 0);
});

test('a share of the requests lies below it', () => {
  // 90 between 64 and 80 µs, 10 between 1024 and 1280 µs.
  const counted = times({ 1: 90, 17: 10 });
  assert.deepEqual([percentile(counted, 0.45), percentile(counted, 0.9), percentile(counted, 0.95)], [72, 80, 1152]);
});

test('what took longer than the last bound is at least that', () => {
  assert.equal(percentile(times({ [TIME_BOUNDS.length]: 1 }), 0.99), TIME_BOUNDS.at(-1));
});

test('classes are no wider than a quarter of where they begin', () => {
  for (const [index, bound] of TIME_BOUNDS.entries()) {
    const low = TIME_BOUNDS[index - 1];
    if (low !== undefined) assert.ok(bound > low && bound <= 1.25 * low, `${low} to ${bound}`);
  }
});
