import assert from 'node:assert/strict';
import test from 'node:test';
import { signalActions } from '../../../src/core/master/actions.ts';

test('SIGTERM stops after what is in flight, unless die-on-term is turned off', () => {
  assert.equal(signalActions(true).SIGTERM, 'stop-gracefully');
  assert.equal(signalActions(false).SIGTERM, 'reload');
});

test('SIGINT and SIGQUIT stop at once, SIGHUP reloads', () => {
  const { SIGINT, SIGQUIT, SIGHUP } = signalActions(true);
  assert.deepEqual([SIGINT, SIGQUIT, SIGHUP], ['stop-now', 'stop-now', 'reload']);
});
