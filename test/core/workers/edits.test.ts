import assert from 'node:assert/strict';
import test from 'node:test';
import { Edits } from '../../../src/core/workers/edits.ts';

test('an edit is news once, and the next one of the same file again', () => {
  const edits = new Edits();
  const told = [
    ['a.py', '1'],
    ['a.py', '1'],
    ['b.py', '1'],
    ['a.py', '2'],
    ['b.py', '1'],
    ['a.py', '2'],
  ].map(([file = '', time = '']) => edits.isNews(file, time));
  assert.deepEqual(told, [true, false, true, true, false, false]);
});
