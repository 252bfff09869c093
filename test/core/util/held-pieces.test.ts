import assert from 'node:assert/strict';
import test from 'node:test';
import { HeldPieces } from '../../../src/core/util/held-pieces.ts';

test('what is held is what was pushed, in order, whatever the sizes', () => {
  const held = new HeldPieces();
  const pieces = [1, 5000, 8192, 3, 20_000, 8191, 8191, 0, 7].map((size, at) => Buffer.alloc(size, at + 1));
  for (const piece of pieces) held.push(piece);
  const expected = Buffer.concat(pieces);
  assert.equal(held.size, expected.length);
  assert.ok(Buffer.concat(held.pieces).equals(expected));
  held.push(Buffer.from('more'));
  assert.ok(Buffer.concat(held.pieces).equals(Buffer.concat([expected, Buffer.from('more')])), 'also after it was looked at');
});

test('many small pieces take as much memory as there is in them, and not an object each', () => {
  const held = new HeldPieces();
  for (let at = 0; at < 100_000; at++) held.push(Buffer.from([at]));
  assert.ok(held.pieces.length <= 10, `${String(held.pieces.length)} objects`);
  assert.deepEqual(Buffer.concat(held.pieces).subarray(0, 3), Buffer.from([0, 1, 2]));
});

test('nothing is left once it is cleared', () => {
  const held = new HeldPieces();
  held.push(Buffer.from('one'));
  held.clear();
  assert.deepEqual([held.size, held.pieces], [0, []]);
  held.push(Buffer.from('two'));
  assert.equal(String(held.pieces[0]), 'two');
});
