/** Processes come and go, by themselves or by force; clients should not notice more than they must. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { exchange, fetchOnce } from '../helpers/http.ts';
import { startLoad, type Tally } from '../helpers/load.ts';
import { allGone, limitOf, type ProcessInfo } from '../helpers/processes.ts';
import { launchServer, runServer, startServer, type Server } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

const HTTP = '--http 127.0.0.1:0 -M';

describe('a worker that is killed under load', () => {
  for (const speak of ['http', 'keep-alive'] as const) {
    test(`loses only what it had begun, as 502 (${speak})`, async (t) => {
      const server = await startServer(t, `${HTTP} -p 2 --threads 2 --wsgi-file sleep.py -L`);
      const load = startLoad(t, server.address('http'), { clients: 12, path: '/?0.02', speak });
      await load.more(50);
      process.kill(server.workerPid(1), 'SIGKILL');
      await server.line(/worker 1 \(pid \d+\) serving/, 2);
      await load.more(50);
      assertOnlyLost(await load.stop(), { 'status 502': 2 });
    });
  }

  test('what ran is a 502, what waited goes to the next worker, and nothing runs twice', async (t) => {
    const server = await startServer(t, `${HTTP} -p 1 --wsgi-file sleep.py`);
    const running = fetchOnce(server.address('http'), '/running?30');
    await server.line(/^began \/running/);
    const waiting = ['/one', '/two', '/three'].map((path) => fetchOnce(server.address('http'), `${path}?0`));
    // The gateway answers this one by itself, and those before it have arrived.
    assert.match((await exchange(server.address('http'), 'nonsense\r\n\r\n')).toString(), /^HTTP\/1\.1 400 /);
    process.kill(server.workerPid(1), 'SIGKILL');
    assert.equal((await running).status, 502);
    for (const { status } of await Promise.all(waiting)) assert.equal(status, 200);
    for (const path of ['/running', '/one', '/two', '/three']) assert.equal(server.lines(new RegExp(`^began ${path}$`)).length, 1, path);
  });

  test('loses only what it had begun, also when fast requests were sent ahead', async (t) => {
    const server = await startServer(t, `${HTTP} -p 2 --wsgi-file hello.py -L`);
    const load = startLoad(t, server.address('http'), { clients: 16, speak: 'keep-alive' });
    for (const nth of [2, 3, 4]) {
      await load.more(500);
      process.kill(server.workerPid(1), 'SIGKILL');
      await server.line(/worker 1 \(pid \d+\) serving/, nth);
    }
    await load.more(500);
    assertOnlyLost(await load.stop(), { 'status 502': 3 });
  });

  test('loses only what it had accepted, at the direct door', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 -M -p 2 --wsgi-file sleep.py -L');
    const load = startLoad(t, server.address('uwsgi'), { clients: 8, path: '/?0.02', speak: 'uwsgi' });
    await load.more(50);
    process.kill(server.workerPid(1), 'SIGKILL');
    await server.line(/worker 1 \(pid \d+\) serving/, 2);
    await load.more(50);
    const tally = await load.stop();
    assert.equal(tally.of('refused'), 0);
    assert.ok(tally.total - tally.of('ok') <= 1, JSON.stringify(tally.lost));
  });
});

describe('another process that is killed under load', () => {
  test('the gateway: its clients of that moment are lost, and nobody is refused', async (t) => {
    const server = await startServer(t, `${HTTP} -p 2 --wsgi-file hello.py -L`);
    const load = startLoad(t, server.address('http'), { clients: 8 });
    await load.more(100);
    const old = gatewayOf(server);
    process.kill(old.pid, 'SIGKILL');
    await eventually('another gateway', () => server.family().some((one) => isGateway(server, one) && one.pid !== old.pid));
    await load.more(200);
    const tally = await load.stop();
    assert.equal(tally.of('refused'), 0, JSON.stringify(tally.lost));
    assert.ok(tally.total - tally.of('ok') <= 8, `at most one a client: ${JSON.stringify(tally.lost)}`);
  });

  test('the gateway: a worker that a reload replaces meanwhile is not kept by the next one', async (t) => {
    const server = await startServer(t, `${HTTP} -p 1 --wsgi-file hello.py -L`);
    const worker = server.workerPid(1);
    // One that dies young is started again after a pause. In that, the worker has a connection that nobody has accepted yet.
    for (const nth of [1, 2]) {
      const gateway = await eventually('a gateway', () => server.family().find((one) => isGateway(server, one)));
      process.kill(gateway.pid, 'SIGKILL');
      await server.line(/the gateway ended \(SIGKILL\)/, nth);
    }
    server.signal('SIGHUP');
    await server.line(/reloaded: 1 new workers serve/);
    await allGone([worker], 10_000);
  });

  test('the gateway: the direct door does not notice', async (t) => {
    const server = await startServer(t, `${HTTP} --socket 127.0.0.1:0 -p 2 --wsgi-file hello.py -L`);
    const load = startLoad(t, server.address('uwsgi'), { speak: 'uwsgi' });
    await load.more(100);
    process.kill(gatewayOf(server).pid, 'SIGKILL');
    await eventually(
      'HTTP answers again',
      async () => (await fetchOnce(server.address('http'), '/').catch(() => undefined))?.status === 200,
    );
    await load.more(100);
    assertOnlyLost(await load.stop(), {});
  });

  test('the spawner: no request is lost, and workers are still replaced', async (t) => {
    const server = await startServer(t, `${HTTP} -p 2 --wsgi-file hello.py -L`);
    const load = startLoad(t, server.address('http'), { clients: 8 });
    await load.more(100);
    process.kill(spawnerOf(server).pid, 'SIGKILL');
    await load.more(100);
    process.kill(server.workerPid(2), 'SIGKILL');
    await server.line(/worker 2 \(pid \d+\) serving/, 2);
    await load.more(100);
    assertOnlyLost(await load.stop(), { 'status 502': 1 });
  });

  for (const state of ['idle', 'busy'] as const) {
    test(`the master, ${state}: no process is left within 3 s`, async (t) => {
      const server = await startServer(t, `${HTTP} --socket 127.0.0.1:0 --stats 127.0.0.1:0 -p 2 --threads 2 --wsgi-file sleep.py`, {
        stopStatus: 'any',
      });
      const asked = state === 'busy' ? fetchOnce(server.address('http'), '/stuck?30').catch(() => undefined) : undefined;
      if (asked) await server.line(/^began \/stuck/);
      const family = server.family().map(({ pid }) => pid);
      assert.ok(family.length >= 4, 'master, gateway, spawner and workers');
      server.signal('SIGKILL');
      await allGone(family, 3_000);
      await asked;
    });
  }
});

test('with --no-orphans, what runs does not hold up the end of the workers when the master is killed', async (t) => {
  const server = await startServer(t, `${HTTP} -p 2 --no-orphans --wsgi-file sleep.py`, { stopStatus: 'any' });
  const asked = fetchOnce(server.address('http'), '/busy?1.5').catch(() => undefined);
  await server.line(/^began \/busy/);
  const family = server.family().map(({ pid }) => pid);
  server.signal('SIGKILL');
  await allGone(family, 1_000);
  await asked;
  assert.equal(server.lines(/^done/).length, 0);
});

describe('a worker that ends itself', () => {
  for (const path of ['/os-exit', '/kill', '/abort']) {
    test(`${path}: 502 for its client, and the next worker serves`, async (t) => {
      const server = await startServer(t, `${HTTP} -p 1 --wsgi-file exit.py`);
      const old = server.workerPid(1);
      assert.equal((await fetchOnce(server.address('http'), path)).status, 502);
      const next = Number((await fetchOnce(server.address('http'), '/')).text);
      assert.notEqual(next, old);
      await server.line(new RegExp(`worker 1 \\(pid ${String(next)}\\) serving`));
    });
  }

  test('again and again: it is braked more and more, every client is answered, and the server comes back', async (t) => {
    const server = await startServer(t, `${HTTP} -p 2 --wsgi-file exit.py`);
    for (let nth = 0; nth < 8; nth++) assert.equal((await fetchOnce(server.address('http'), '/os-exit')).status, 502);
    const pauses = server.lines(/replacing it in (\d+) ms/).map(([, ms]) => Number(ms));
    assert.ok((pauses.at(-1) ?? 0) > (pauses[0] ?? 0), `each pause is longer: ${pauses.join(', ')}`);
    assert.equal((await fetchOnce(server.address('http'), '/')).status, 200);
  });

  test('before it ever serves: the server ends with a reason', async (t) => {
    const { status, signal, output } = await runServer(t, `${HTTP} -p 2 --wsgi-file exit-after-fork.py`);
    assert.equal(signal, null);
    assert.notEqual(status, 0);
    assert.match(output, /worker/);
    assert.ok((output.match(/^.*worker \d+ .*$/gm) ?? []).length < 40, `it did not go on for ever: ${output}`);
  });

  test('while it imports the application by itself (--lazy-apps): status 22', async (t) => {
    const { status } = await runServer(t, `${HTTP} -p 2 --lazy-apps --wsgi-file crash-on-import.py`);
    assert.equal(status, 22);
  });
});

describe('--max-requests', () => {
  for (const { flags, speak, door } of [
    { flags: '--http 127.0.0.1:0 -p 2', speak: 'http', door: 'http' },
    { flags: '--http 127.0.0.1:0 -p 2 --threads 2', speak: 'keep-alive', door: 'http' },
    { flags: '--socket 127.0.0.1:0 -p 2', speak: 'uwsgi', door: 'uwsgi' },
    { flags: '--http 127.0.0.1:0 -p 1', speak: 'http', door: 'http' },
  ] as const) {
    test(`the replacement is up before the old worker goes, and nothing is lost: ${flags} (${speak})`, async (t) => {
      const server = await startServer(t, `-M ${flags} -R 40 --min-worker-lifetime 0 --wsgi-file pid.py -L`);
      const load = startLoad(t, server.address(door), { clients: 8, speak });
      await server.line(/worker \d+ \(pid \d+\) serving/, 8);
      const tally = await load.stop();
      assertOnlyLost(tally, {});
      const pids = new Set([...tally.bodies.keys()].map((body) => body.split(' ')[0]));
      assert.ok(pids.size >= 4, `${String(pids.size)} workers served`);
    });
  }

  test('not before --min-worker-lifetime', async (t) => {
    const server = await startServer(t, `${HTTP} -p 1 -R 5 --min-worker-lifetime 60 --wsgi-file pid.py -L`);
    const load = startLoad(t, server.address('http'), { clients: 2 });
    await load.more(100);
    assert.equal((await load.stop()).bodies.size, 1);
  });
});

describe('--limit-as', () => {
  test('holds in the workers and not in Node; a request over it is a 500 and the worker lives', async (t) => {
    const server = await startServer(t, `${HTTP} -p 2 --threads 2 --limit-as 128 --wsgi-file memory.py`);
    const limit = 128 * 1024 * 1024;
    for (const worker of [1, 2]) assert.equal(limitOf(server.workerPid(worker), 'Max address space'), String(limit));
    assert.equal(limitOf(server.pid, 'Max address space'), 'unlimited');
    assert.equal((await fetchOnce(server.address('http'), '/?200')).status, 500);
    await server.line(/MemoryError/);
    assert.equal((await fetchOnce(server.address('http'), '/?1')).status, 200);
    assert.equal(server.lines(/serving/).length, 2);
  });

  test('that leaves Python no room is an error at once', async (t) => {
    const { status, output } = await runServer(t, `${HTTP} --limit-as 10 --wsgi-file hello.py`);
    assert.notEqual(status, 0);
    assert.match(output, /limit-as = 10 is too little: Python itself takes \d+ MB of address space/);
  });
});

// At the same time: they mostly wait.
describe('the end of the server', { concurrency: 2 }, () => {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    test(`${signal} is the end at once, with status 0`, async (t) => {
      const { server, asked } = await withRequest(t, `${HTTP} -p 2 --wsgi-file sleep.py`, 30);
      const began = performance.now();
      assert.deepEqual(await server.stop(signal), { status: 0, signal: null });
      assert.ok(performance.now() - began < 3_000);
      assert.equal(await asked, 'lost');
    });
  }

  for (const { flags, status } of [
    { flags: '-M -p 2', status: 0 },
    { flags: '-M -p 1 --threads 2', status: 0 },
    // uWSGI's status of a server without a master.
    { flags: '-p 1', status: 30 },
  ]) {
    test(`SIGTERM finishes what is in flight, with status ${String(status)}: ${flags}`, async (t) => {
      const { server, asked } = await withRequest(t, `--http 127.0.0.1:0 --wsgi-file sleep.py ${flags}`, 1);
      assert.deepEqual(await server.stop('SIGTERM'), { status, signal: null });
      assert.equal(await asked, 'done');
    });
  }

  test('SIGTERM finishes what is in flight at the direct door', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 -M -p 2 --wsgi-file sleep.py');
    const asked = uwsgiRequest(server.address('uwsgi'), '/slow?1');
    await server.line(/^began \/slow/);
    assert.deepEqual(await server.stop('SIGTERM'), { status: 0, signal: null });
    assert.equal((await asked).text, 'done');
  });

  test('SIGTERM finishes what waits at the direct door', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 -M -p 2 --wsgi-file sleep.py');
    const asked = Array.from({ length: 7 }, () => uwsgiRequest(server.address('uwsgi'), '/slow?0.3'));
    await server.line(/^began/, 2);
    assert.deepEqual(await server.stop('SIGTERM'), { status: 0, signal: null });
    for (const each of await Promise.all(asked)) assert.equal(each.text, 'done');
  });

  test('SIGTERM finishes what had been accepted and was waiting', async (t) => {
    const server = await startServer(t, `${HTTP} -p 1 --wsgi-file sleep.py`);
    const asked = Array.from({ length: 4 }, (_, nth) => fetchOnce(server.address('http'), `/${String(nth)}?0.3`));
    await server.line(/^began/);
    await server.stop('SIGTERM');
    assert.deepEqual(
      (await Promise.all(asked)).map(({ text }) => text),
      ['done', 'done', 'done', 'done'],
    );
  });

  test('a second SIGTERM does not hurt, SIGINT after SIGTERM ends it at once', async (t) => {
    const { server, asked } = await withRequest(t, `${HTTP} -p 2 --wsgi-file sleep.py`, 30);
    server.signal('SIGTERM');
    server.signal('SIGTERM');
    assert.deepEqual(await server.stop('SIGINT'), { status: 0, signal: null });
    assert.equal(await asked, 'lost');
  });

  for (const flags of ['-M -p 2', '-p 2', '']) {
    test(`Ctrl-C, SIGINT for the whole process group: one clean end, no traceback (${flags === '' ? 'no flags' : flags})`, async (t) => {
      const server = await startServer(t, `--http 127.0.0.1:0 --wsgi-file hello.py ${flags}`, { group: 'own', stopStatus: 'any' });
      const family = server.family().map(({ pid }) => pid);
      process.kill(-server.pid, 'SIGINT');
      const { status } = await server.finished();
      assert.ok(status !== null, 'it ended by itself');
      await allGone(family, 3_000);
      assert.doesNotMatch(server.log, /KeyboardInterrupt|Traceback/);
    });
  }

  test('a client without master is answered by a server without master', async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 --wsgi-file hello.py');
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello World!');
    assert.equal(server.family().filter(({ command }) => command.includes('run.js')).length, 1, 'one Node process does it all');
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
    test(`${signal} while the application is imported ends it all as well`, async (t) => {
      const cwd = tempDir(t, { 'slow.py': 'import time\nprint("importing", flush=True)\ntime.sleep(60)\n' });
      const child = launchServer(t, `${HTTP} -p 2 --wsgi-file slow.py`, { cwd, stopStatus: 'any' });
      await child.line(/^importing/);
      const ending = await child.stop(signal);
      assert.equal(ending.signal, signal === 'SIGKILL' ? signal : null);
    });
  }
});

describe('a graceful stop answers 503 to who waits', () => {
  test('while the application is imported', async (t) => {
    const cwd = tempDir(t, { 'slow.py': 'import time\nprint("importing", flush=True)\ntime.sleep(60)\n' });
    const path = join(cwd, 'web.sock');
    const child = launchServer(t, `--http-socket ${path} -M --wsgi-file slow.py`, { cwd });
    await Promise.all([child.line(/^importing/), child.line(/gateway .* listening/)]);
    const asked = fetchOnce({ path }, '/');
    await eventually('it waits', () => {
      child.signal('SIGUSR1');
      return child.lines(/http on .*: 1 waiting/).length > 0;
    });
    const ending = await child.stop('SIGTERM');
    assert.deepEqual([(await asked).status, ending.status], [503, 0]);
  });

  test('when the last worker has died meanwhile', async (t) => {
    const { server, asked } = await withRequest(t, `${HTTP} -p 1 --wsgi-file sleep.py`, 60);
    const waiting = fetchOnce(server.address('http'), '/');
    await eventually('it waits', () => {
      server.signal('SIGUSR1');
      return server.lines(/http on .*: 1 waiting/).length > 0;
    });
    server.signal('SIGTERM');
    await server.line(/stopping after what is in flight/);
    process.kill(server.workerPid(1), 'SIGKILL');
    assert.deepEqual([await asked, (await waiting).status, (await server.finished()).status], ['lost', 503, 0]);
  });
});

/** A server with one request in it that runs for so many seconds, and how that request ends. */
async function withRequest(t: TestContext, words: string, seconds: number): Promise<{ server: Server; asked: Promise<string> }> {
  const server = await startServer(t, words);
  const asked = fetchOnce(server.address('http'), `/inflight?${String(seconds)}`).then(
    ({ text, status }) => (status === 200 ? text : 'lost'),
    () => 'lost',
  );
  await server.line(/^began \/inflight/);
  return { server, asked };
}

/** Nothing was lost but at most so many of these. */
function assertOnlyLost(tally: Tally, allowed: Readonly<Record<string, number>>): void {
  for (const [verdict, count] of Object.entries(tally.lost)) {
    assert.ok(count <= (allowed[verdict] ?? 0), `lost: ${JSON.stringify(tally.lost)} of ${String(tally.total)}`);
  }
  assert.ok(tally.of('ok') > 0);
}

function isGateway(server: Server, one: ProcessInfo): boolean {
  return one.parent === server.pid && !one.command.includes('tsuwsgi/__main__.py');
}

function gatewayOf(server: Server): ProcessInfo {
  return only(server.family().filter((one) => isGateway(server, one)));
}

function spawnerOf(server: Server): ProcessInfo {
  return only(server.family().filter((one) => one.parent === server.pid && one.command.includes('tsuwsgi/__main__.py')));
}

function only<Item>(items: readonly Item[]): Item {
  const [item] = items;
  assert.ok(item !== undefined && items.length === 1, `one, not ${String(items.length)}`);
  return item;
}
