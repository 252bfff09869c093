import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMemory } from '../../../src/core/gateway/piece-memory.ts';

const SIZE = 128 * 1024;

test('memory is used again once nobody has it', () => {
  const pieces = new PieceMemory(SIZE);
  const memory = pieces.take();
  assert.equal(memory.length, SIZE);
  const backs: ((() => void) | undefined)[] = [];
  pieces.lendFor(memory, () => backs.push(pieces.lend(), pieces.lend()));
  assert.equal(pieces.lend(), undefined, 'it is lent for so long only');
  backs[0]?.();
  assert.notEqual(pieces.take(), memory);
  backs[1]?.();
  assert.equal(pieces.take(), memory);
});

test('no more than 2 MB are kept for the next', () => {
  const pieces = new PieceMemory(SIZE);
  const all = Array.from({ length: 20 }, () => pieces.take());
  for (const memory of all) pieces.giveBack(memory);
  const again = Array.from({ length: 20 }, () => pieces.take());
  assert.equal(again.filter((memory) => all.includes(memory)).length, 16);
});
