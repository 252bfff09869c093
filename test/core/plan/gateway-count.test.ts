import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planOf } from '../../helpers/plan.ts';

for (const { words, expected } of [
  { words: '-M', expected: { count: 1, asked: 1 } },
  { words: '-M -p 2 --threads 2 --gateways 4', expected: { count: 4, asked: 4 } },
  { words: '-M -p 4 --http-processes 3', expected: { count: 3, asked: 3 } },
  { words: '-M -p 4 --http-workers 3 --gateways 2', expected: { count: 2, asked: 2 } },
  { words: '-M -p 2 --gateways 4', expected: { count: 2, asked: 4 } },
  { words: '-p 4 --gateways 4', expected: { count: 1, asked: 4 } },
  { words: '-M --http-processes 0', expected: { count: 1, asked: 1 } },
]) {
  test(`"${words}" means ${expected.count} of ${expected.asked} gateways`, () => {
    assert.deepEqual(planOf(`--http :9090 --wsgi-file app.py ${words}`).gateways, expected);
  });
}
