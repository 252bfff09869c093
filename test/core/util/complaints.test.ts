import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Complaints } from '../../../src/core/util/complaints.ts';
import { RARELY_MS } from '../../../src/core/util/sparse-line.ts';

test('the first is told at once, those that follow together a minute later', () => {
  let now = 0;
  const lines: string[] = [];
  const complaints = new Complaints((text) => lines.push(text), { now: () => now, quietMs: RARELY_MS });
  complaints.add('refused');
  now = 59_999;
  complaints.add('refused');
  assert.deepEqual(lines, ['refused']);
  now = 60_000;
  complaints.add('no answer');
  assert.deepEqual(lines, ['refused', 'no answer (times: 2)']);
});
