import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { endure } from '../../../src/core/util/enduring-server.ts';
import { onEnd } from '../../helpers/scope.ts';

const failure = (): Error => new Error('accept EMFILE');

test('a server that listens outlives an accept that fails', async (t) => {
  const server = createServer();
  onEnd(t, () => {
    server.close();
  });
  endure(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  assert.doesNotThrow(() => server.emit('error', failure()));
});

test('one that cannot listen says so', () => {
  const server = createServer();
  endure(server);
  assert.throws(() => server.emit('error', failure()), /EMFILE/);
});
