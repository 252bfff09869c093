/** What load balancers are told, and how a server leaves them before it stops. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { eventually } from '../helpers/eventually.ts';
import { exchange, fetchOnce } from '../helpers/http.ts';
import { startLoad } from '../helpers/load.ts';
import { allGone } from '../helpers/processes.ts';
import { launchServer, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

const STATS = '--stats 127.0.0.1:0 --stats-http';
const SERVE = `--http 127.0.0.1:0 --socket 127.0.0.1:0 -M -p 2 -L --wsgi-file sleep.py ${STATS}`;
/** An application whose import ends when there is a file `go`. */
const WAITING = `import os, time
while not os.path.exists("go"):
    time.sleep(0.02)

def application(environ, start_response):
    start_response("200 OK", [])
    return [b"up"]
`;

// At the same time: they mostly wait.
describe('--stats-http', { concurrency: 3 }, () => {
  test('sends the statistics as JSON on any path, as uWSGI does', async (t) => {
    const server = await startServer(t, SERVE);
    await fetchOnce(server.address('http'), '/?0');
    for (const path of ['/', '/anything?x=1']) {
      const { status, header, text } = await fetchOnce(server.address('stats'), path);
      assert.equal(status, 200);
      assert.equal(header('content-type'), 'application/json');
      assert.equal(header('access-control-allow-origin'), '*');
      assert.equal(header('connection'), 'close');
      assert.equal((JSON.parse(text) as { pid: number }).pid, server.pid);
    }
  });

  test('/healthz and /readyz tell how the server is: starting, serving, paused, stopping', async (t) => {
    const cwd = tempDir(t, { 'app.py': WAITING });
    const child = launchServer(t, `--http-socket 127.0.0.1:0 -M --stats ${cwd}/stats --stats-http --wsgi-file app.py`, { cwd });
    const stats = { path: join(cwd, 'stats') };
    await eventually('it answers', () => pageOf(stats, '/healthz').catch(() => undefined));
    assert.deepEqual(await pageOf(stats, '/healthz'), [200, 'alive\n']);
    assert.deepEqual(await pageOf(stats, '/readyz'), [503, 'not ready: starting\n']);
    assert.equal((await fetchOnce(stats, '/')).status, 200);
    writeFileSync(join(cwd, 'go'), '');
    await child.line(/ready: 1 worker/);
    assert.deepEqual(await pageOf(stats, '/readyz'), [200, 'ready\n']);
    child.signal('SIGTSTP');
    await child.line(/paused/);
    assert.deepEqual(await pageOf(stats, '/readyz'), [503, 'not ready: paused\n']);
    assert.deepEqual(await pageOf(stats, '/healthz'), [200, 'alive\n']);
    child.signal('SIGTSTP');
    await child.line(/resumed/);
    assert.deepEqual(await pageOf(stats, '/readyz'), [200, 'ready\n']);
  });

  test('/readyz says "stopping" while what is in flight is finished', async (t) => {
    const server = await startServer(t, SERVE);
    const slow = fetchOnce(server.address('http'), '/slow?0.7');
    await server.line(/^began \/slow/);
    server.signal('SIGTERM');
    await server.line(/stopping after what is in flight/);
    assert.deepEqual(await pageOf(server.address('stats'), '/readyz'), [503, 'not ready: stopping\n']);
    assert.equal((await slow).text, 'done');
    await server.finished();
  });

  test('answers GET and HEAD only', async (t) => {
    const server = await startServer(t, SERVE);
    const stats = server.address('stats');
    const refused = await fetchOnce(stats, '/', { method: 'POST', body: 'x' });
    assert.deepEqual([refused.status, refused.header('allow'), refused.header('content-type')], [405, 'GET, HEAD', 'text/plain']);
    const head = await fetchOnce(stats, '/readyz', { method: 'HEAD' });
    assert.deepEqual([head.status, head.header('content-length'), head.text], [200, '6', '']);
  });

  test('bounds what a client may send, and how long it may take', async (t) => {
    const server = await startServer(t, SERVE);
    const stats = server.address('stats');
    assert.match((await exchange(stats, `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toString(), /^HTTP\/1\.1 431 /);
    assert.match((await exchange(stats, 'nonsense\r\n\r\n')).toString(), /^HTTP\/1\.1 400 /);
    // It waits for the rest of a head, but not for ever.
    await exchange(stats, 'GET / HTTP/1.1\r\n');
  });
});

test('without stats-http, the statistics are there before the server is ready, too', async (t) => {
  const cwd = tempDir(t, { 'app.py': WAITING });
  const child = launchServer(t, `--http-socket 127.0.0.1:0 -M --stats ${cwd}/stats --wsgi-file app.py`, { cwd });
  const text = await eventually('it answers', () =>
    exchange({ path: join(cwd, 'stats') }, 'GET /readyz HTTP/1.0\r\n\r\n').catch(() => undefined),
  );
  assert.equal((JSON.parse(text.toString()) as { pid: number }).pid, child.pid);
  writeFileSync(join(cwd, 'go'), '');
  await child.line(/ready/);
});

// At the same time: they mostly wait.
describe('--drain-delay', { concurrency: 3 }, () => {
  for (const door of ['http', 'uwsgi'] as const) {
    test(`a server that is told to stop reports it first, and goes on accepting: nothing is lost (${door})`, async (t) => {
      const server = await startServer(t, `${SERVE} --drain-delay 1`);
      const stats = server.address('stats');
      // As a load balancer does it: it asks until the server is not ready, and then sends nothing more.
      const load = startLoad(t, server.address(door), { path: '/?0', speak: door, clients: 4 });
      await load.more(20);
      const began = performance.now();
      server.signal('SIGTERM');
      await eventually('it is not ready', async () => (await pageOf(stats, '/readyz'))[0] === 503);
      assert.deepEqual(await pageOf(stats, '/readyz'), [503, 'not ready: draining\n']);
      await load.more(20);
      const tally = await load.stop();
      assert.deepEqual(tally.lost, {});
      assert.deepEqual(await server.finished(), { status: 0, signal: null });
      assert.ok(performance.now() - began >= 1000, 'it waited');
    });
  }

  for (const { what, cut } of [
    { what: 'a second SIGTERM', cut: 'SIGTERM' },
    { what: 'SIGINT', cut: 'SIGINT' },
    { what: 'SIGQUIT', cut: 'SIGQUIT' },
  ] as const) {
    test(`is cut short by ${what}`, async (t) => {
      const server = await startServer(t, `${SERVE} --drain-delay 60`);
      const family = server.family().map(({ pid }) => pid);
      server.signal('SIGTERM');
      await server.line(/SIGTERM: not ready any more, serving on for 60 s/);
      server.signal(cut);
      assert.deepEqual(await server.finished(), { status: 0, signal: null });
      await allGone(family, 3000);
    });
  }

  test('a second SIGTERM still finishes what is in flight', async (t) => {
    const { server, asked } = await draining(t);
    server.signal('SIGTERM');
    assert.equal((await asked).text, 'done');
    assert.deepEqual(await server.finished(), { status: 0, signal: null });
  });

  test('does not hold up a stop at once, nor the end of a server that never was ready', async (t) => {
    const server = await startServer(t, `${SERVE} --drain-delay 60`);
    assert.deepEqual(await server.stop('SIGINT'), { status: 0, signal: null });
    const cwd = tempDir(t, { 'app.py': WAITING.replace('os.path.exists("go")', 'print("importing", flush=True)') });
    const child = launchServer(t, '--http 127.0.0.1:0 -M --drain-delay 60 --wsgi-file app.py', { cwd, stopStatus: 'any' });
    await child.line(/^importing/);
    child.signal('SIGTERM');
    await child.finished();
    assert.equal(child.lines(/serving on/).length, 0);
  });

  test('a worker that dies meanwhile is replaced, and a reload is refused', async (t) => {
    const server = await startServer(t, `${SERVE} --drain-delay 60`);
    server.signal('SIGTERM');
    await server.line(/serving on for 60 s/);
    process.kill(server.workerPid(1), 'SIGKILL');
    await server.line(/worker 1 \(pid \d+\) serving/, 2);
    server.signal('SIGHUP');
    await server.line(/SIGHUP: .*stopping/);
    assert.equal((await uwsgiRequest(server.address('uwsgi'), '/?0')).text, 'done');
  });
});

/** A server that drains, with a request in it. */
async function draining(t: TestContext) {
  const server = await startServer(t, `${SERVE} --drain-delay 60`);
  const asked = fetchOnce(server.address('http'), '/inflight?0.7');
  await server.line(/^began \/inflight/);
  server.signal('SIGTERM');
  await server.line(/serving on/);
  return { server, asked };
}

async function pageOf(stats: Address, path: string): Promise<[number, string]> {
  const { status, text } = await fetchOnce(stats, path);
  return [status, text];
}
