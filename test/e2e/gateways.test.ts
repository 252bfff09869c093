/** Several gateways: each has clients and workers' threads of its own, and what one lacks it gets of another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayStats } from '../../src/core/stats/document.ts';
import { eventually } from '../helpers/eventually.ts';
import { HttpConnection } from '../helpers/http.ts';
import { startLoad } from '../helpers/load.ts';
import { schedulingPolicy } from '../helpers/processes.ts';
import { type Server, startServer } from '../helpers/server.ts';
import { statsOf } from '../helpers/statistics.ts';

/** Of sched(7), in numbers. */
const SCHED_BATCH = 3;
/** A gateway answers `/here` itself. */
const TWO = ['--http', '127.0.0.1:0', '--stats', '127.0.0.1:0', '-M', '-p', '2', '--gateways', '2', '-L', '--route', '^/here$ break:204'];

test('one gateway that is killed takes its own clients along and nobody else', async (t) => {
  const server = await startServer(t, [...TWO, '--wsgi-file', 'hello.py']);
  const [first, second] = await gatewaysOf(server);
  const ofSecond = await withoutGateway(first, () => connect(server, 3));
  const ofFirst = await withoutGateway(second, () => connect(server, 2));
  for (const client of [...ofFirst, ...ofSecond]) assert.equal((await client.request('/')).status, 200);
  const gateway = await eventually('what both have done', async () => {
    const found = await gatewayStats(server);
    return found.connections === 5 && found.waiting.requests === 5 && found;
  });
  assert.deepEqual(
    gateway.processes.map(({ connections }) => connections),
    [2, 3],
  );
  process.kill(first, 'SIGKILL');
  await server.line(/gateway 1 ended \(SIGKILL\): starting it again/);
  for (const client of ofSecond) assert.equal((await client.request('/')).status, 200);
  for (const client of ofFirst) await assert.rejects(client.request('/'));
  await withoutGateway(second, async () => {
    const [late] = await connect(server, 1);
    assert.equal((await late?.request('/'))?.status, 200, 'another has taken its place');
  });
  await eventually('nothing is forgotten', async () => (await gatewayStats(server)).waiting.requests === 9);
});

test('no answer of a worker interrupts another, for gateways give way, also one that is started again', async (t) => {
  const server = await startServer(t, [...TWO, '--wsgi-file', 'hello.py']);
  const giveWay = (pid: number) => eventually(`${String(pid)} gives way`, () => schedulingPolicy(pid) === SCHED_BATCH);
  const [first, second] = await gatewaysOf(server);
  await Promise.all([giveWay(first), giveWay(second)]);
  process.kill(first, 'SIGKILL');
  const [anew] = await eventually('another gateway 1', async () => {
    const pids = await gatewaysOf(server).catch(() => undefined);
    return pids?.[0] !== first && pids;
  });
  await giveWay(anew);
});

test('a reload behind two gateways loses no request', async (t) => {
  const server = await startServer(t, [...TWO, '--wsgi-file', 'hello.py']);
  const load = startLoad(t, server.address('http'), { clients: 8, speak: 'keep-alive' });
  await load.more(200);
  server.signal('SIGHUP');
  await server.line(/reloaded: 2 new workers serve/);
  await load.more(200);
  const tally = await load.stop();
  assert.deepEqual(tally.lost, {});
});

test('a request that waits in one gateway gets the idle worker of the other', async (t) => {
  const server = await startServer(t, [...TWO, '--wsgi-file', 'sleep.py'], { stopSignal: 'SIGINT' });
  const [first] = await gatewaysOf(server);
  const clients = await withoutGateway(first, () => connect(server, 2));
  for (const [nth, client] of clients.entries()) void client.request(`/long${String(nth)}?30`).catch(() => undefined);
  for (const nth of [0, 1]) await server.line(new RegExp(`^began /long${String(nth)}`));
});

test('where there is one worker for two gateways, both answer', async (t) => {
  const server = await startServer(t, [...TWO, '--cheaper', '1', '--cheaper-algo', 'manual', '--wsgi-file', 'hello.py']);
  const [first, second] = await gatewaysOf(server);
  const ofSecond = await withoutGateway(first, () => connect(server, 1));
  const ofFirst = await withoutGateway(second, () => connect(server, 1));
  for (const client of [...ofSecond, ...ofFirst, ...ofSecond]) assert.equal((await client.request('/')).status, 200);
});

async function gatewayStats(server: Server): Promise<GatewayStats> {
  const { gateway } = await statsOf(server.address('stats'));
  assert.ok(gateway);
  return gateway;
}

async function gatewaysOf(server: Server): Promise<readonly [number, number]> {
  const [one, other] = (await gatewayStats(server)).processes;
  assert.ok(one !== undefined && other !== undefined);
  return [one.pid, other.pid];
}

/** So many clients that some gateway has accepted. */
async function connect(server: Server, count: number): Promise<readonly HttpConnection[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => HttpConnection.open(server.address('http'))));
  for (const client of clients) assert.equal((await client.request('/here')).status, 204);
  return clients;
}

/** Stands still meanwhile, so that the other one accepts. */
async function withoutGateway<Result>(pid: number, act: () => Promise<Result>): Promise<Result> {
  process.kill(pid, 'SIGSTOP');
  try {
    return await act();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}
