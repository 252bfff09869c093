import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAmong } from '../../bench/arguments.ts';

test('--only leaves the names that have all of its words in them, in any case', () => {
  const left = (...words: readonly string[]) => ['Uploads over HTTP', 'Downloads over HTTP', 'JSON'].filter((name) => isAmong(words, name));
  assert.deepEqual(left('http'), ['Uploads over HTTP', 'Downloads over HTTP']);
  assert.deepEqual(left('http', 'UP'), ['Uploads over HTTP']);
  assert.deepEqual(left('up', 'json'), []);
  assert.equal(left().length, 3);
});
