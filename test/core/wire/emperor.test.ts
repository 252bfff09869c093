import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ORDERS, orderOf, reportOf, REPORTS } from '../../../src/core/wire/emperor.ts';

test('the words are those of uWSGI’s own protocol', () => {
  assert.deepEqual(ORDERS, { 'stop-now': 0, reload: 1, 'stop-gracefully': 2 });
  assert.deepEqual(REPORTS, { started: 1, ready: 5, loyal: 17, leaving: 22, heartbeat: 26 });
});

test('a byte that is no word is none', () => {
  assert.deepEqual([0, 1, 2, 3].map(orderOf), ['stop-now', 'reload', 'stop-gracefully', undefined]);
  assert.deepEqual([0, 5, 26].map(reportOf), [undefined, 'ready', 'heartbeat']);
});
