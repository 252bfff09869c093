import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPairs, splitPair } from '../../../src/core/options/pair.ts';

for (const { text, pair } of [
  { text: 'name=value', pair: ['name', 'value'] },
  { text: 'name=a=b', pair: ['name', 'a=b'] },
  { text: 'name=', pair: ['name', ''] },
  { text: '=value', pair: ['', 'value'] },
  { text: 'name', pair: ['name', ''] },
  { text: '', pair: ['', ''] },
]) {
  test(`${JSON.stringify(text)} is ${JSON.stringify(pair)}`, () => assert.deepEqual(splitPair(text), pair));
}

test('pairs are read by their keys, of which the last one counts', () => {
  assert.deepEqual(
    [...readPairs('a=1,b,a=2=3', ['a', 'b'], 'a=N,b')],
    [
      ['a', '2=3'],
      ['b', ''],
    ],
  );
});

test('a key that is none of theirs is told the form', () => {
  for (const text of ['c=1', 'a=1,c', '', 'a=1,'])
    assert.throws(() => readPairs(text, ['a', 'b'], 'a=N,b'), { name: 'RangeError', message: 'a=N,b' }, text);
});
