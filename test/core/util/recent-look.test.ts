import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentLook } from '../../../src/core/util/recent-look.ts';

test('is taken anew once a second, and not before somebody asks', () => {
  let looks = 0;
  const recent = new RecentLook(() => ++looks);
  assert.equal(looks, 0);
  assert.deepEqual(
    [5000, 5999, 6000, 6999, 9000].map((now) => recent.at(now)),
    [1, 1, 2, 2, 3],
  );
});
