import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkBodySize } from '../../../src/core/protocol/body-limit.ts';

test('a body may be as large as the limit, and of any size without one', () => {
  checkBodySize(10, 10);
  checkBodySize(Number.MAX_SAFE_INTEGER, 0);
});

test('a larger one is a 413 that tells both sizes', () => {
  assert.throws(() => checkBodySize(11, 10), { status: 413, message: 'a body of 11 bytes; limit-post allows 10' });
});
