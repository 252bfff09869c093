import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TIME_BOUNDS } from '../../../src/core/stats/distributions.ts';
import { LatencyWindow } from '../../../src/core/stats/latency-window.ts';

/** So many requests in the class of times that ends at this bound. */
function times(counts: Readonly<Record<number, number>>): Float64Array {
  const classes = new Float64Array(TIME_BOUNDS.length + 1);
  for (const [bound, count] of Object.entries(counts)) classes[TIME_BOUNDS.indexOf(Number(bound))] = count;
  return classes;
}

test('before a minute is over, all since the start counts', () => {
  const window = new LatencyWindow(1000);
  const { seconds, requests, p50, p99 } = window.over('a', times({ 128: 98, 1024: 2 }), 6000);
  assert.deepEqual([seconds, requests], [5, 100]);
  assert.ok(p50 > 112 && p50 <= 128, String(p50));
  assert.ok(p99 > 896 && p99 <= 1024, String(p99));
});

test('what is older than a minute does not count', () => {
  const window = new LatencyWindow(0);
  for (let at = 10_000; at <= 90_000; at += 10_000) window.mark(new Map([['a', times({ 128: at / 1000 })]]), at);
  const { seconds, requests } = window.over('a', times({ 128: 95 }), 95_000);
  assert.deepEqual([seconds, requests], [55, 95 - 40]);
});

test('each name has its own, and one that is new begins at nothing', () => {
  const window = new LatencyWindow(0);
  window.mark(new Map([['a', times({ 128: 10 })]]), 10_000);
  window.mark(new Map([['a', times({ 128: 20 })]]), 65_000);
  assert.deepEqual(
    ['a', 'b'].map((name) => window.over(name, times({ 128: 25 }), 66_000).requests),
    [15, 25],
  );
});

test('a counter that has begun anew is not less than nothing', () => {
  const window = new LatencyWindow(0);
  window.mark(new Map([['a', times({ 128: 10, 1024: 3 })]]), 10_000);
  assert.equal(window.over('a', times({ 128: 1, 1024: 5 }), 65_000).requests, 2);
});
