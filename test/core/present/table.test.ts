import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignColumns } from '../../../src/core/present/table.ts';

test('columns are as wide as their widest cell, and nothing trails', () => {
  assert.deepEqual(
    alignColumns([
      ['a', 'long cell', 'x'],
      ['bb', 'c', ''],
    ]),
    ['a   long cell  x', 'bb  c'],
  );
});

test('no rows are no lines', () => {
  assert.deepEqual(alignColumns([]), []);
});
