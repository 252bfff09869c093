/** Requests that wait for a worker: how many may, for how long, who hears of it; and the kernel's queue before ours. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test, type TestContext } from 'node:test';
import type { SocketStats } from '../../src/core/stats/document.ts';
import { listenLimit } from '../../src/core/util/listen-limit.ts';
import type { Address } from '../helpers/address.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce, HttpConnection } from '../helpers/http.ts';
import { onEnd } from '../helpers/scope.ts';
import { type Server, startServer } from '../helpers/server.ts';
import { statsOf } from '../helpers/statistics.ts';

const HTTP = '--http 127.0.0.1:0 -L --wsgi-file sleep.py';

// At the same time: they mostly wait.
describe('queue-timeout', { concurrency: 3 }, () => {
  for (const { what, flags } of [
    { what: 'with a master', flags: '-M' },
    { what: 'without a master', flags: '' },
  ]) {
    test(`answers 503 when no worker gets free in time, and the connection goes on (${what})`, async (t) => {
      const server = await startServer(t, `${HTTP} ${flags} -p 1 --queue-timeout 1`);
      const running = fetchOnce(server.address('http'), '/running?2');
      await server.line(/^began \/running/);
      const client = await connect(t, server);
      const askedAt = performance.now();
      const refused = await client.request('/waiting?0');
      const took = performance.now() - askedAt;
      assert.ok(took >= 1000 && took < 2000, `${took} ms`);
      assert.deepEqual([refused.status, refused.text], [503, '503 Service Unavailable\n']);
      assert.match(refused.header('retry-after') ?? '', /^[12]$/);
      await server.line(/^\[gateway\] 127\.0\.0\.1 "GET \/waiting\?0" 503: waited 1\.\d s for a free worker \(queue-timeout = 1\)$/);
      assert.equal((await client.request('/again?0')).text, 'done');
      assert.equal((await running).status, 200);
      assert.equal(server.lines(/^began \/waiting/).length, 0);
    });
  }

  test('counts in a pause, too, and ends the connection of a client that has more to send', async (t) => {
    const server = await startServer(t, `${HTTP} -M --queue-timeout 1 --request-buffering=false`);
    await pause(server);
    const client = await connect(t, server);
    client.sendRaw('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n', 'POST');
    client.stream.write(Buffer.alloc(100_000));
    const { status, header } = await client.response();
    assert.deepEqual([status, header('connection')], [503, 'close']);
    assert.equal((await client.stream.readToEnd()).length, 0);
  });
});

test('without queue-timeout a request waits as long as it takes', async (t) => {
  const server = await startServer(t, `${HTTP} -M --stats 127.0.0.1:0`);
  await pause(server);
  const waiting = fetchOnce(server.address('http'), '/?0');
  await eventually('it has waited for more than two seconds', async () => ((await queueOf(server)).queue_age_ms ?? 0) > 2000);
  server.signal('SIGTSTP');
  assert.equal((await waiting).status, 200);
});

test('queue-limit: more is answered 503 at once, the log has one line of it, and those who wait are served', async (t) => {
  const server = await startServer(t, `${HTTP} -M --queue-limit 2 --stats 127.0.0.1:0`);
  await pause(server);
  const waiting = [1, 2].map((nth) => fetchOnce(server.address('http'), `/${nth}?0`));
  await eventually('two wait', async () => (await queueOf(server)).queue === 2);
  const client = await connect(t, server);
  for (let nth = 0; nth < 5; nth++) {
    const { status, header } = await client.request('/one-too-many');
    assert.equal(status, 503);
    assert.match(header('retry-after') ?? '', /^\d+$/);
  }
  await server.line(/^\[gateway\] 127\.0\.0\.1 "GET \/one-too-many" 503: the queue is full \(queue-limit = 2\)$/);
  assert.equal(server.lines(/ 503/).length, 1);
  server.signal('SIGTSTP');
  for (const { status } of await Promise.all(waiting)) assert.equal(status, 200);
  // What was not told one by one is told as a number, at the latest when the server ends.
  server.signal('SIGTERM');
  await server.finished();
  assert.equal(server.lines(/^\[gateway\] 4 more 503: the queue was full$/).length, 1);
});

test('the statistics tell length, limit and age of the queue, where there is one', async (t) => {
  const server = await startServer(t, `${HTTP} -M --queue-limit 50 --stats 127.0.0.1:0 --socket 127.0.0.1:0`);
  const { queue, queue_limit, queue_age_ms } = await queueOf(server);
  assert.deepEqual([queue, queue_limit, queue_age_ms], [0, 50, 0]);
  const direct = (await socketsOf(server)).find(({ proto }) => proto === 'uwsgi');
  assert.deepEqual(Object.keys(direct ?? {}), ['name', 'proto', 'queue', 'max_queue', 'shared', 'can_offload']);
  await pause(server);
  const waiting = fetchOnce(server.address('http'), '/?0');
  const before = await eventually('it waits', async () => {
    const socket = await queueOf(server);
    return socket.queue === 1 && socket;
  });
  await eventually('its age grows', async () => ((await queueOf(server)).queue_age_ms ?? 0) > (before.queue_age_ms ?? 0));
  server.signal('SIGUSR1');
  await server.line(/http on 127\.0\.0\.1:\d+: 1 waiting of at most 50, the oldest for \d+\.\d s, backlog 100$/);
  server.signal('SIGTSTP');
  assert.equal((await waiting).status, 200);
  await eventually('nobody waits', async () => (await queueOf(server)).queue_age_ms === 0);
});

// At the same time: they mostly wait.
describe('http-harakiri', { concurrency: 3 }, () => {
  test('answers 504 for what takes too long, and leaves the worker alone', async (t) => {
    const server = await startServer(t, `${HTTP} -M -p 1 --http-harakiri 1`);
    const client = await connect(t, server);
    const askedAt = performance.now();
    const late = await client.request('/late?2');
    const took = performance.now() - askedAt;
    assert.ok(took >= 1000 && took < 2000, `${took} ms`);
    assert.deepEqual([late.status, late.text], [504, '504 Gateway Timeout\n']);
    await server.line(
      /^\[gateway\] 127\.0\.0\.1 "GET \/late\?2" 504: worker 1 \(pid \d+\) has not answered 1\.\d s after it came \(http-harakiri = 1\)$/,
    );
    await server.line(/^done \/late/);
    const next = await client.request('/next?0');
    assert.deepEqual([next.status, next.text], [200, 'done']);
    assert.equal(server.lines(/worker \d+ \(pid \d+\) serving|HARAKIRI/).length, 1);
  });

  test('counts the wait for a worker', async (t) => {
    const server = await startServer(t, `${HTTP} -M -p 1 --http-harakiri 1`);
    await pause(server);
    assert.equal((await fetchOnce(server.address('http'), '/?0')).status, 504);
    await server.line(/"GET \/\?0" 504: waited 1\.\d s for a free worker \(http-harakiri = 1\)$/);
  });

  test('leaves the request to harakiri, which ends it later', async (t) => {
    const server = await startServer(t, `--http 127.0.0.1:0 -L --wsgi-file deadlines.py -M -p 1 --http-harakiri 1 -t 2`);
    assert.equal((await fetchOnce(server.address('http'), '/turning')).status, 504);
    await server.line(/has not answered 1\.\d s after it came/);
    assert.equal(server.lines(/HARAKIRI/).length, 0);
    await server.line(/GET \/turning: ended by harakiri; its worker serves on/);
    assert.equal((await fetchOnce(server.address('http'), '/')).text, String(server.workerPid(1)));
  });
});

test('http-timeout ends the wait for a silent client, and not that for the application', async (t) => {
  const server = await startServer(t, `${HTTP} -M -p 1 --http-timeout 1`);
  const client = await connect(t, server);
  client.sendRaw('GET /half HTTP/1.1\r\nHo', 'GET');
  assert.equal((await client.response()).status, 408);
  assert.equal((await fetchOnce(server.address('http'), '/?1.8')).text, 'done');
});

describe('the backlog', () => {
  const limit = listenLimit();

  test('is told at the start, and asked for', async (t) => {
    const server = await startServer(t, `${HTTP} --listen 17`);
    assert.equal(server.lines(/^backlog of each address: 17 \(listen\)$/).length, 1);
    assert.equal(kernelBacklog(server.address('http')), 17);
  });

  test('that the system cuts is told with the remedy, and the server serves', { skip: limit === undefined }, async (t) => {
    const asked = (limit ?? 0) + 1;
    const server = await startServer(t, `${HTTP} --socket 127.0.0.1:0 --stats 127.0.0.1:0 --listen ${asked}`);
    const [line] = server.lines(/^backlog of each address: .*$/);
    const remedy = `to raise its limit: sysctl -w net.core.somaxconn=${asked}`;
    assert.equal(line?.[0], `backlog of each address: ${asked} (listen), cut to ${limit} by the system; ${remedy}`);
    assert.equal((await fetchOnce(server.address('http'), '/?0')).status, 200);
    for (const door of ['http', 'uwsgi'] as const) assert.equal(kernelBacklog(server.address(door)), limit);
    for (const { max_queue } of await socketsOf(server)) assert.equal(max_queue, limit);
  });
});

async function connect(t: TestContext, server: Server): Promise<HttpConnection> {
  const client = await HttpConnection.open(server.address('http'));
  onEnd(t, () => client.close());
  return client;
}

/** From here on no worker is free. */
async function pause(server: Server): Promise<void> {
  server.signal('SIGTSTP');
  await server.line(/SIGTSTP: paused/);
}

const socketsOf = async (server: Server): Promise<readonly SocketStats[]> => (await statsOf(server.address('stats'))).sockets;

async function queueOf(server: Server): Promise<SocketStats> {
  const socket = (await socketsOf(server)).find(({ proto }) => proto === 'http');
  assert.ok(socket);
  return socket;
}

/** In LISTEN state the kernel shows the backlog in the column of the send queue. */
function kernelBacklog(address: Address): number {
  assert.ok('port' in address);
  return Number(execFileSync('ss', ['-Hltn', `sport = :${String(address.port)}`], { encoding: 'utf8' }).split(/\s+/)[2]);
}
