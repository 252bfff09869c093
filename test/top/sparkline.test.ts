import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sparkline } from '../../src/top/sparkline.ts';

test('bars are as high as the values are beside the highest', () => {
  assert.equal(sparkline([0, 1, 4, 8], 10), '▁▂▄█');
});

test('only nothing at all is the lowest bar', () => {
  assert.equal(sparkline([0, 0.001, 1000], 10), '▁▂█');
  assert.equal(sparkline([0, 0], 10), '▁▁');
});

test('the last values are shown where there is no room for all', () => {
  assert.equal(sparkline([8, 0, 4], 2), '▁█');
  assert.deepEqual([sparkline([1, 2], 0), sparkline([1, 2], -3), sparkline([], 5)], ['', '', '']);
});
