import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsInit } from '../../src/cli/container-init.ts';

test('an init is for process 1, unless sockets were given to it', () => {
  assert.equal(needsInit({ pid: 1, env: {} }), true);
  assert.equal(needsInit({ pid: 2, env: {} }), false);
  assert.equal(needsInit({ pid: 1, env: { LISTEN_FDS: '1' } }), false);
});
