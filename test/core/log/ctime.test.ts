import assert from 'node:assert/strict';
import test from 'node:test';
import { ctime } from '../../../src/core/log/ctime.ts';

test('a time reads as ctime(3) writes it, the day padded with a blank', () => {
  assert.equal(ctime(new Date(2026, 10, 3, 4, 5, 6)), 'Tue Nov  3 04:05:06 2026');
  assert.equal(ctime(new Date(2026, 0, 31, 23, 59, 0)), 'Sat Jan 31 23:59:00 2026');
});
