import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { StatsServer } from '../../../src/core/stats/server.ts';
import { tempDir } from '../../helpers/temp.ts';

test('a client that has all and does not go is sent away', { timeout: 10_000 }, async (t) => {
  const path = join(tempDir(t), 'stats.sock');
  const server = new StatsServer({ path }, () => Promise.resolve('{}'), 50);
  t.after(() => server.close());
  const client = connect({ path, allowHalfOpen: true });
  t.after(() => client.destroy());
  let text = '';
  client.on('data', (bytes) => (text += bytes.toString()));
  await once(client, 'end');
  assert.equal(text, '{}');
  // Whether anybody is there shows when something is sent, which must not be so often that it counts as life.
  const asking = setInterval(() => client.write('?'), 250);
  t.after(() => clearInterval(asking));
  const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
  assert.match(error.code ?? '', /EPIPE|ECONNRESET/);
});
