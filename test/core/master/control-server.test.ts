/** Both ends of the channel: what a command gives, and what the server makes of it. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { text } from 'node:stream/consumers';
import { ControlServer, type Obey } from '../../../src/core/master/control-server.ts';
import { giveOrder } from '../../../src/core/operate/give-order.ts';
import { onEnd } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';

async function listen(t: TestContext, obey: Obey) {
  const controlSocket = join(tempDir(t), 'control.sock');
  const server = await ControlServer.open(controlSocket, obey);
  onEnd(t, () => server.close());
  return { server, running: { pid: 12, controlSocket } };
}

test('an order is carried out, and its answer comes with the sentence that it is done', async (t) => {
  const { running } = await listen(t, (order, because, answer) => {
    answer(JSON.stringify(order));
    answer(`, ${because}\nsecond line`);
    return Promise.resolve('done that');
  });
  const outcome = await giveOrder(running, { type: 'scale', workers: 3 });
  assert.deepEqual(outcome, { text: '{"type":"scale","workers":3}, tsuwsgi scale\nsecond line', message: 'done that' });
});

test('an order that fails tells why', async (t) => {
  const { running } = await listen(t, () => Promise.reject(new Error('no such module')));
  await assert.rejects(giveOrder(running, { type: 'reload' }), { code: 'TSU_ORDER', message: 'no such module' });
});

test('what is no order is answered so, and what is too long is not read', async (t) => {
  const { running } = await listen(t, () => Promise.resolve(''));
  const ask = (line: string) =>
    text(
      connect(running.controlSocket)
        .on('error', () => undefined)
        .setNoDelay()
        .end(line),
    );
  assert.match(await ask('fly\n'), /"failed","message":"this server does not know that order"/);
  assert.equal(await ask('x'.repeat(5000)), '');
});

test('only the user of the server can reach it', async (t) => {
  const { running } = await listen(t, () => Promise.resolve(''));
  assert.equal(statSync(running.controlSocket).mode & 0o777, 0o600);
});

test('a socket that nobody listens on any more is no server', async (t) => {
  const { server, running } = await listen(t, () => Promise.resolve(''));
  await giveOrder(running, { type: 'pause' });
  server.close();
  await assert.rejects(giveOrder(running, { type: 'pause' }), { code: 'TSU_NOT_A_SERVER' });
});
