import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { outgrown, outlived } from '../../../src/core/workers/recycling.ts';

const MEGABYTE = 2 ** 20;
const NO_EVIL = { rss: 0, as: 0 };

describe('max-worker-lifetime', () => {
  const plan = { maxLifetimeMs: 60_000, maxLifetimeDeltaMs: 5_000, evil: NO_EVIL };

  for (const { id, now, expected } of [
    { id: 1, now: 159_999, expected: undefined },
    { id: 1, now: 160_000, expected: 'has lived 60 s, of 60 that it may (max-worker-lifetime)' },
    { id: 3, now: 169_999, expected: undefined },
    { id: 3, now: 171_500, expected: 'has lived 71 s, of 70 that it may (max-worker-lifetime)' },
  ]) {
    test(`worker ${id}, born at 100 s, at ${now / 1000} s: ${expected ?? 'goes on'}`, () => {
      assert.equal(outlived({ id, bornAt: 100_000 }, plan, now), expected);
    });
  }

  test('of 0 means for ever', () => {
    assert.equal(outlived({ id: 1, bornAt: 0 }, { ...plan, maxLifetimeMs: 0 }, 1e12), undefined);
  });
});

describe('evil-reload-on-*', () => {
  const use = { rss: 96 * MEGABYTE, as: 300 * MEGABYTE };

  for (const { what, limits, expected } of [
    { what: 'no limit', limits: NO_EVIL, expected: undefined },
    { what: 'exactly the limit', limits: { rss: use.rss, as: use.as }, expected: undefined },
    {
      what: 'too much memory',
      limits: { rss: 80 * MEGABYTE, as: 0 },
      expected: 'holds 96 MB, more than evil-reload-on-rss = 80',
    },
    {
      what: 'too large an address space',
      limits: { rss: 0, as: 200 * MEGABYTE },
      expected: 'has an address space of 300 MB, more than evil-reload-on-as = 200',
    },
  ]) {
    test(what, () => assert.equal(outgrown(use, limits), expected));
  }

  test('a worker that is gone has no size', () => {
    assert.equal(outgrown(undefined, { rss: 1, as: 1 }), undefined);
  });
});
