import assert from 'node:assert/strict';
import test from 'node:test';
import { Prefetch } from '../../../src/core/workers/prefetch.ts';

const FAST_US = 30;

/** The depths after each of so many requests. */
function depthsOf(prefetch: Prefetch, count: number, serviceUs: (request: number) => number): number[] {
  return Array.from({ length: count }, (_, request) => {
    prefetch.record(serviceUs(request));
    return prefetch.depth;
  });
}

function fastFor(prefetch: Prefetch, count: number): number {
  return depthsOf(prefetch, count, () => FAST_US).at(-1) ?? 0;
}

test('nothing is sent ahead until the application has shown itself fast', () => {
  assert.equal(fastFor(new Prefetch(), 100), 1);
});

test('the depth grows to 16 and not beyond while all requests are fast', () => {
  assert.equal(fastFor(new Prefetch(), 10_000), 16);
});

test('an application that takes a millisecond gets one request at a time', () => {
  assert.deepEqual(new Set(depthsOf(new Prefetch(), 1000, () => 1000)), new Set([1]));
});

for (const { what, serviceUs } of [
  { what: 'one request of 64 ms', serviceUs: 64_000 },
  { what: 'one streamed response', serviceUs: Infinity },
]) {
  test(`${what} takes the depth back to 1 at once`, () => {
    const prefetch = new Prefetch();
    fastFor(prefetch, 10_000);
    prefetch.record(serviceUs);
    assert.equal(prefetch.depth, 1);
    assert.equal(fastFor(prefetch, 100), 1);
  });
}

test('a slow request in each hundred keeps the depth low', () => {
  const depths = depthsOf(new Prefetch(), 10_000, (request) => (request % 100 === 99 ? 10_000 : FAST_US));
  assert.ok(Math.max(...depths.slice(1000)) <= 3, `up to ${String(Math.max(...depths.slice(1000)))}`);
});

test('an interruption by the scheduler in each hundred does not', () => {
  const depths = depthsOf(new Prefetch(), 10_000, (request) => (request % 100 === 99 ? 3000 : FAST_US));
  assert.ok(Math.min(...depths.slice(2000)) >= 4, `down to ${String(Math.min(...depths.slice(2000)))}`);
});

test('requests are short where they take less than a millisecond on average', () => {
  const prefetch = new Prefetch();
  assert.ok(!prefetch.areShort);
  for (let nth = 0; nth < 300; nth++) prefetch.record(600);
  assert.ok(prefetch.areShort);
  assert.equal(prefetch.depth, 1);
  for (let nth = 0; nth < 200; nth++) prefetch.record(1100);
  assert.ok(!prefetch.areShort);
});

test('requests are alike until one takes very long, and some hundreds later again', () => {
  const prefetch = new Prefetch();
  const areAlike = (count: number, serviceUs: number): boolean => {
    for (let nth = 0; nth < count; nth++) prefetch.record(serviceUs);
    return prefetch.areAlike;
  };
  assert.deepEqual([areAlike(500, 90_000), areAlike(100, 90_000)], [false, true]);
  assert.deepEqual([areAlike(1, 100_000), areAlike(511, 50), areAlike(1, 50)], [false, false, true]);
  assert.ok(!areAlike(1, Infinity));
  assert.ok(areAlike(512, 50));
  prefetch.sawLong();
  assert.ok(!prefetch.areAlike);
});

test('a depth that the operator fixed stays', () => {
  const prefetch = new Prefetch(4);
  prefetch.record(1_000_000);
  assert.equal(prefetch.depth, 4);
  assert.equal(fastFor(prefetch, 1000), 4);
});
