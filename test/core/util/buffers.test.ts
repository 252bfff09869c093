import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joined, joinInto, POOLED } from '../../../src/core/util/buffers.ts';

const PIECES = ['one', '', 'two'].map((text) => Buffer.from(text));

test('what is smaller than the bound shares memory, and what is not has its own', () => {
  assert.ok(Buffer.allocUnsafe(POOLED - 1).buffer.byteLength > POOLED - 1);
  assert.equal(Buffer.allocUnsafe(POOLED).buffer.byteLength, POOLED);
});

test('several pieces become one, and one stays as it is', () => {
  const [first = Buffer.alloc(0)] = PIECES;
  assert.equal(joined(PIECES).toString(), 'onetwo');
  assert.equal(joined([first]), first);
  assert.equal(joined([]).length, 0);
});

test('pieces are put into memory that is there', () => {
  const memory = Buffer.alloc(6);
  assert.equal(joinInto(memory, PIECES), memory);
  assert.equal(memory.toString(), 'onetwo');
});
