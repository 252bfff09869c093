import assert from 'node:assert/strict';
import test from 'node:test';
import { HeldBytes } from '../../../src/core/util/held-bytes.ts';

test('what is held is what was pushed and not dropped, in order', () => {
  const held = new HeldBytes();
  let expected = '';
  for (let round = 0; round < 100; round++) {
    const piece = `<${round}>`.repeat(round % 7);
    held.push(Buffer.from(piece));
    expected += piece;
    const dropped = round % 5;
    held.drop(dropped);
    expected = expected.slice(dropped);
    assert.equal(held.bytes.toString(), expected);
    assert.equal(held.size, expected.length);
  }
});

test('a piece that changes afterwards changes nothing here', () => {
  const held = new HeldBytes();
  const piece = Buffer.from('one');
  held.push(piece);
  piece.fill(0);
  assert.equal(held.bytes.toString(), 'one');
});

test('more than there is can be dropped', () => {
  const held = new HeldBytes();
  held.push(Buffer.from('one'));
  held.drop(10);
  assert.equal(held.size, 0);
});
