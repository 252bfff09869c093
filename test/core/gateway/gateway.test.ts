import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RunningGateway } from './running-gateway.ts';

describe('a graceful stop', () => {
  test('lets requests that run and that wait have their responses, then closes', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    const [running, waiting] = [await gateway.client(), await gateway.client()];
    running.send('/running');
    const { id } = await slot.next();
    waiting.send('/waiting');
    await gateway.gatewayHasRead();
    gateway.gateway.handle({ type: 'stop', how: 'gracefully' });
    slot.respond(id, { body: 'running' });
    for (const [client, text] of [[running, 'running'] as const, [waiting, 'waiting'] as const]) {
      if (text === 'waiting') await slot.serve(text);
      const response = await client.response();
      assert.deepEqual([response.text, response.header('connection')], [text, 'close']);
      client.close();
    }
    await gateway.hasStopped();
    await slot.ended;
  });

  test('closes idle connections and takes no new ones', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    const idle = await gateway.client();
    idle.send('/');
    await slot.serve('');
    await idle.response();
    gateway.gateway.handle({ type: 'stop', how: 'gracefully' });
    assert.equal((await idle.stream.readToEnd()).length, 0);
    await gateway.hasStopped();
    await assert.rejects(gateway.client(), { loss: 'refused' });
  });

  test('hears a client that has just come', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    const client = await gateway.client();
    await gateway.gatewayHasRead();
    gateway.gateway.handle({ type: 'stop', how: 'gracefully' });
    client.send('/');
    await slot.serve('heard');
    assert.equal((await client.response()).text, 'heard');
  });
});

test('a stop now closes everything at once', async (t) => {
  const gateway = await RunningGateway.start(t);
  const slot = gateway.slot();
  const client = await gateway.client();
  client.send('/');
  await slot.next();
  gateway.gateway.handle({ type: 'stop', how: 'now' });
  await gateway.hasStopped();
  await slot.ended;
  await assert.rejects(client.response(), { name: 'ConnectionLost' });
});

test('a gateway that is stopped twice stops once', async (t) => {
  const gateway = await RunningGateway.start(t);
  gateway.gateway.handle({ type: 'stop', how: 'now' });
  gateway.gateway.handle({ type: 'stop', how: 'gracefully' });
  assert.equal(gateway.reports.filter(({ type }) => type === 'stopped').length, 1);
});

test('a connection outlives a change of the settings, and what it sends later is read as before', async (t) => {
  const gateway = await RunningGateway.start(t);
  const slot = gateway.slot();
  const client = await gateway.client();
  for (const path of ['/before', '/after']) {
    client.send(path);
    assert.equal((await slot.serve('')).environ['PATH_INFO'], path);
    await client.response();
    gateway.gateway.handle({ type: 'settings', settings: { ...gateway.plan, bufferSize: 4096 } });
  }
});
