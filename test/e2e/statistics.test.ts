/** What the statistics tell beyond uWSGI's keys, and what they tell truly where uWSGI's are zeros. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { exchange, fetchOnce } from '../helpers/http.ts';
import { APPS } from '../helpers/paths.ts';
import { processInfo } from '../helpers/processes.ts';
import { startServer } from '../helpers/server.ts';
import { statsOf } from '../helpers/statistics.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

/** The fields that uwsgitop and timonwong/uwsgi_exporter know. The latter is written in Go, which takes no fraction for an int. */
const READ_BY_OTHERS = {
  server: {
    integers: ['listen_queue', 'listen_queue_errors', 'signal_queue', 'load', 'pid', 'uid', 'gid'],
    strings: ['version', 'cwd'],
  },
  sockets: { integers: ['queue', 'max_queue', 'shared', 'can_offload'], strings: ['name', 'proto'] },
  workers: {
    integers: [
      ...['id', 'pid', 'accepting', 'requests', 'delta_requests', 'exceptions', 'harakiri_count', 'signals', 'signal_queue'],
      ...['rss', 'vsz', 'running_time', 'last_spawn', 'respawn_count', 'tx', 'avg_rt'],
    ],
    strings: ['status'],
  },
  apps: { integers: ['id', 'modifier1', 'startup_time', 'requests', 'exceptions'], strings: ['mountpoint', 'chdir'] },
  cores: {
    integers: [
      ...['id', 'requests', 'static_requests', 'routed_requests', 'offloaded_requests'],
      ...['write_errors', 'read_errors', 'in_request'],
    ],
    strings: [],
  },
  caches: {
    integers: [...['hashsize', 'keysize', 'max_items', 'blocks', 'blocksize', 'items', 'hits', 'miss', 'full'], ...['last_modified_at']],
    strings: ['name', 'hash'],
  },
} as const;

describe('the statistics', () => {
  test('tell what requests were like, and how large the workers are', async (t) => {
    const server = await startServer(t, '-M -p 2 --stats 127.0.0.1:0 --http 127.0.0.1:0 --wsgi-file exceptions.py');
    for (const path of ['/', '/', '/before']) await fetchOnce(server.address('http'), path);
    await server.line(/^\[pid:/, 3);
    const stats = await statsOf(server.address('stats'));
    const page = readFileSync('docs/statistics.md', 'utf8');
    for (const key of keysOf(stats)) assert.ok(page.includes(`\`${key}\``), `docs/statistics.md tells of ${key}`);
    assert.equal(stats.state, 'serving');
    assert.ok(Math.abs(stats.started_at - Date.now() / 1000) < 60);
    assert.deepEqual([stats.responses['2xx'], stats.responses['5xx']], [2, 1]);
    const { seconds, requests, p50, p99 } = stats.latency;
    assert.equal(requests, 3);
    assert.ok(seconds > 0 && p50 > 0 && p99 >= p50, JSON.stringify(stats.latency));
    const [application] = stats.applications;
    assert.deepEqual(
      [application?.mountpoints, application?.workers, application?.busy, application?.requests, application?.exceptions],
      [[''], 2, 0, 3, 1],
    );
    assert.equal(application?.latency.requests, 3);
    for (const { pid, rss, vsz } of stats.workers) {
      const [, size = '0'] = /VmRSS:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
      assert.ok(Math.abs(rss - Number(size) * 1024) < 2 ** 22 && vsz > rss, `${rss} of ${vsz}, and ${size} kB`);
    }
    assert.equal(
      application.rss,
      stats.workers.reduce((sum, { rss }) => sum + rss, 0),
    );
  });

  test('count each of several applications that share a worker', async (t) => {
    const words = `-M -p 1 --single-interpreter --manage-script-name --mount /a=hello.py --mount /b=exceptions.py`;
    const server = await startServer(t, `${words} --stats 127.0.0.1:0 --http 127.0.0.1:0`);
    for (const path of ['/a', '/b/', '/b/before']) await fetchOnce(server.address('http'), path);
    await server.line(/^\[pid:/, 3);
    const [worker] = (await statsOf(server.address('stats'))).workers;
    assert.deepEqual(
      worker?.apps.map(({ id, mountpoint, requests, exceptions }) => [id, mountpoint, requests, exceptions]),
      [
        [0, '/a', 1, 0],
        [1, '/b', 2, 1],
      ],
    );
  });

  test('count what the gateway answers, and who waits there', async (t) => {
    const words = '-M -p 1 --queue-limit 1 --stats 127.0.0.1:0 --http 127.0.0.1:0 --wsgi-file sleep.py'.split(' ');
    const rules = ['--static-map', `/file=${join(APPS, 'hello.py')}`, '--route', '^/away redirect:http://elsewhere/'];
    const server = await startServer(t, [...words, ...rules]);
    const stats = () => statsOf(server.address('stats'));
    const http = server.address('http');
    for (const path of ['/file', '/away', '/?0']) await fetchOnce(http, path);
    const running = fetchOnce(http, '/?1.5');
    await server.line(/^began \/$/, 2);
    const waiting = fetchOnce(http, '/?0');
    const seen = await eventually('one waits', async () => {
      const document = await stats();
      return document.listen_queue === 1 && document;
    });
    assert.deepEqual([seen.applications[0]?.queue, seen.applications[0]?.busy], [1, 1]);
    assert.equal((await fetchOnce(http, '/?0')).status, 503);
    assert.equal((await waiting).status, 200);
    await running;
    const { gateway, listen_queue_errors, responses } = await eventually('all is told', async () => {
      const document = await stats();
      return document.gateway?.waiting.requests === 3 && document;
    });
    assert.ok(gateway);
    assert.deepEqual([gateway.static_requests, gateway.routed_requests, gateway.other_requests, listen_queue_errors], [1, 1, 1, 1]);
    assert.deepEqual([gateway.responses['2xx'], gateway.responses['3xx'], gateway.responses['5xx']], [1, 1, 1]);
    assert.deepEqual([responses['2xx'], responses['3xx'], responses['5xx']], [4, 1, 1]);
    assert.ok(gateway.waiting.p99 > 100_000, 'one has waited');
    assert.ok(gateway.rss > 10e6 && gateway.tx > 12 && gateway.pid !== server.pid);
  });

  test('know how many connections wait in the kernel at a direct door', async (t) => {
    const server = await startServer(t, '-M -p 1 --stats 127.0.0.1:0 --socket 127.0.0.1:0 --wsgi-file hello.py');
    server.signal('SIGTSTP');
    await server.line(/paused/);
    const asked: Promise<void>[] = [];
    let waiting = 0;
    const ask = async () => {
      waiting++;
      await uwsgiRequest(server.address('uwsgi'), '/');
      waiting--;
    };
    const document = await eventually('three wait', async () => {
      // One may be served before the worker hears of the pause.
      while (waiting < 3) asked.push(ask());
      const stats = await statsOf(server.address('stats'));
      return stats.sockets[0]?.queue === 3 && stats;
    });
    assert.deepEqual([document.listen_queue, document.load, document.state], [3, 3, 'paused']);
    server.signal('SIGTSTP');
    await Promise.all(asked);
  });

  test('show a request that runs for long with its variables, unless its worker does not answer', async (t) => {
    const server = await startServer(t, '-M -p 1 --stats-minified --stats 127.0.0.1:0 --http 127.0.0.1:0 --wsgi-file sleep.py');
    const asked = fetchOnce(server.address('http'), '/now?0.6', { headers: { 'X-Some': 'header', Cookie: 'session=1' } });
    await server.line(/^began/);
    const variables = async () => (await statsOf(server.address('stats'))).workers[0]?.cores[0]?.vars ?? [];
    const seen = await eventually('it has run for long', async () => {
      const vars = await variables();
      return vars.length > 3 && vars;
    });
    for (const wanted of ['REQUEST_URI=/now?0.6', 'HTTP_X_SOME=header', 'HTTP_COOKIE=***', ''])
      assert.ok(seen.includes(wanted), seen.join('\n'));
    const pid = server.workerPid(1);
    process.kill(pid, 'SIGSTOP');
    await eventually('it is stopped', () => processInfo(pid)?.state === 'T');
    assert.deepEqual(await variables(), ['REQUEST_METHOD=GET', 'REQUEST_URI=/now?0.6', '']);
    process.kill(pid, 'SIGCONT');
    await asked;
    assert.doesNotMatch((await exchange(server.address('stats'), '')).toString(), /\s"/);
  });

  test('have what uwsgitop and the exporter for Prometheus read, with types that they can take', async (t) => {
    const words = '-M -p 2 --cheaper 1 --cache2 name=some,items=8 --stats 127.0.0.1:0 --http 127.0.0.1:0 --wsgi-file sleep.py';
    const server = await startServer(t, words);
    const asked = fetchOnce(server.address('http'), '/?0.3');
    await server.line(/^began/);
    const stats = await statsOf(server.address('stats'));
    await asked;
    const { sockets, workers, caches = [] } = stats;
    assert.ok(sockets.length > 0 && caches.length > 0 && workers.length === 2);
    const apps = workers.flatMap((worker) => worker.apps);
    const cores = workers.flatMap((worker) => worker.cores);
    assert.ok(apps.length > 0 && cores.some(({ vars }) => vars.length > 0));
    const lists = { server: [stats], sockets, workers, apps, cores, caches };
    for (const [name, { integers, strings }] of Object.entries(READ_BY_OTHERS))
      for (const one of lists[name as keyof typeof READ_BY_OTHERS]) {
        const value = (key: string) => (one as unknown as Readonly<Record<string, unknown>>)[key];
        for (const key of integers) assert.ok(Number.isSafeInteger(value(key)), `${name}: ${key} is ${String(value(key))}`);
        for (const key of strings) assert.equal(typeof value(key), 'string', `${name}: ${key}`);
      }
    for (const { vars } of cores) assert.ok(vars.every((text) => typeof text === 'string'));
  });

  test('know why workers were replaced, and how reloads went', async (t) => {
    const file = join(tempDir(t), 'app.py');
    copyFileSync(join(APPS, 'hello.py'), file);
    const server = await startServer(
      t,
      `-M -p 1 --max-requests 2 --min-worker-lifetime 0 --stats 127.0.0.1:0 --socket 127.0.0.1:0 --wsgi-file ${file}`,
    );
    for (let nth = 0; nth < 2; nth++) await uwsgiRequest(server.address('uwsgi'), '/');
    const stats = () => statsOf(server.address('stats'));
    await eventually('the first worker is gone', async () => (await stats()).restarts['max-requests'] === 1);
    server.signal('SIGHUP');
    await server.line(/reloaded: 1 new workers serve/);
    writeFileSync(file, 'import a_module_that_is_nowhere\n');
    server.signal('SIGHUP');
    await server.line(/the reload failed/);
    const last = await eventually('the second reload is over', async () => {
      const { reloads } = await stats();
      return reloads.failed === 1 && reloads;
    });
    assert.deepEqual([last.done, last.last?.ok], [1, false]);
    assert.match(last.last?.error ?? '', /a_module_that_is_nowhere/);
    await eventually('the worker of the old code is gone', async () => (await stats()).restarts.reload === 1);
    assert.equal((await stats()).workers[0]?.requests, 2);
  });
});

/** Those of all objects in it; locks have names of their own. */
function keysOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => (key === 'locks' ? [key] : [key, ...keysOf(one)]));
}
