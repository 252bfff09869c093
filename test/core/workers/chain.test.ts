import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chain } from '../../../src/core/workers/chain.ts';
import { Generation } from '../../../src/core/workers/generation.ts';

function makeChain() {
  const make = (number: number) => new Generation(number, { processes: 3, threads: 1 }, 0);
  const [old, next] = [make(1), make(2)];
  const chain = new Chain(next);
  const idsOf = (generation: Generation) => [1, 2, 3].filter((id) => chain.allows(generation, id));
  return { chain, next, ids: () => [idsOf(old), idsOf(next)] };
}

test('both generations have the id whose turn it is', () => {
  const { chain, ids } = makeChain();
  assert.deepEqual(ids(), [[1, 2, 3], [1]]);
  chain.advance((id) => id === 1);
  assert.deepEqual(ids(), [
    [2, 3],
    [1, 2],
  ]);
});

test('an id that serves before its turn does not skip the others', () => {
  const { chain, ids } = makeChain();
  chain.advance((id) => id === 2);
  assert.deepEqual(ids()[1], [1]);
});

test('the generation has succeeded with the last id that is wanted', async () => {
  const { chain, next } = makeChain();
  next.wanted = 2;
  chain.advance((id) => id <= 2);
  await next.prepared;
});
