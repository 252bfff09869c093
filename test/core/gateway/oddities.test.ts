import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Oddities } from '../../../src/core/gateway/oddities.ts';

test('many oddities are told in few lines, with the last of them and how many there were', () => {
  let now = 0;
  const lines: string[] = [];
  const oddities = new Oddities(':443', { now: () => now, log: (line) => lines.push(line) });
  oddities.add('a');
  for (const what of ['b', 'c', 'd']) oddities.add(what);
  now = 9000;
  oddities.tell();
  assert.deepEqual(lines, ['[gateway] :443: a']);
  now = 10_000;
  oddities.tell();
  oddities.tell();
  assert.deepEqual(lines, ['[gateway] :443: a', '[gateway] :443: d (times: 3)']);
});
