/** The caches and metrics of the module `uwsgi`: shared by all workers, and there after reloads, crashes and, with `store`, restarts. */
import assert from 'node:assert/strict';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { findRuntimeDirectories } from '../../src/core/util/runtime-directory.ts';
import type { Address } from '../helpers/address.ts';
import { DOORS } from '../helpers/doors.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { APPS } from '../helpers/paths.ts';
import { NOT_ROOT } from '../helpers/requirements.ts';
import { runServer, startServer } from '../helpers/server.ts';
import { statsOf } from '../helpers/statistics.ts';
import { tempDir } from '../helpers/temp.ts';

const APP = ['--wsgi-file', join(APPS, 'caches.py')];
const HTTP = ['--http-socket', '127.0.0.1:0', '-M'];

/** Where the application calls a function of the module with these arguments. */
const callOf = (...words: readonly unknown[]): string => `/call?of=${encodeURIComponent(JSON.stringify(words))}`;

/** What such a call gives, as Python shows it. */
async function call(address: Address, ...words: readonly unknown[]): Promise<string> {
  const { text } = await fetchOnce(address, callOf(...words));
  return JSON.parse(text) as string;
}

/** Calls from one worker after the other until each of so many has answered. */
async function fromEach(address: Address, workers: number): Promise<void> {
  const pids = new Set<string>();
  await eventually('an answer of every worker', async () => {
    const answers = await Promise.all(
      Array.from({ length: 2 * workers }, async () => {
        const [pid] = await Promise.all([fetchOnce(address, '/pid'), call(address, 'cache_inc', 'n')]);
        return pid.text;
      }),
    );
    for (const pid of answers) pids.add(pid);
    return pids.size >= workers;
  });
}

describe('a cache', () => {
  for (const { door, flags, ask } of DOORS)
    test(`is that of all workers, at the ${door} door`, async (t) => {
      const server = await startServer(t, [...flags.split(' '), '-p', '3', ...APP, '--cache2', 'name=c,items=5']);
      const at = server.address(door);
      await Promise.all(Array.from({ length: 60 }, () => ask(at, callOf('cache_inc', 'n'))));
      assert.equal(JSON.parse((await ask(at, callOf('cache_num', 'n'))).text), '60');
    });

  test('is there after reloads and the death of a worker, with what was counted', async (t) => {
    const words = [...HTTP, '-p', '2', '--stats', '127.0.0.1:0', '--metric', 'jobs', '--cache2', 'name=c,items=50,blocksize=1000'];
    const server = await startServer(t, [...words, ...APP]);
    const at = server.address('http-socket');
    assert.equal(await call(at, 'cache_set', 'a', 'one'), 'True');
    await call(at, 'metric_inc', 'jobs', 7);
    for (const [index, order] of (['SIGHUP', 'kill', 'SIGHUP'] as const).entries()) {
      if (order === 'kill') {
        const dead = server.workerPid(1);
        process.kill(dead, 'SIGKILL');
        await eventually('a successor', () => server.workerPid(1) !== dead);
      } else {
        server.signal(order);
        await eventually('a reload', () => server.lines(/reloaded: /).length > (index === 0 ? 0 : 1));
      }
      assert.deepEqual([await call(at, 'cache_get', 'a'), await call(at, 'metric_get', 'jobs')], ["b'one'", '7'], order);
      await fromEach(at, 2);
    }
    const { caches = [], metrics = {} } = await statsOf(server.address('stats'));
    const [{ hits, last_modified_at: changed, ...cache } = {}] = caches;
    const sizes = { name: 'c', hash: 'crc32', hashsize: 65_536, keysize: 2048, max_items: 50, blocks: 50, blocksize: 1000 };
    assert.deepEqual(cache, { ...sizes, items: 2, miss: 0, full: 0 });
    assert.deepEqual([hits, Math.abs(Number(changed) - Date.now() / 1000) < 60], [3, true]);
    assert.deepEqual(metrics['jobs'], { type: 0, oid: '', value: 7 });
    assert.deepEqual({ ...metrics['core.busy_workers'], value: 0 }, { type: 1, oid: '5.3', value: 0 });
  });

  test('a reload may bring others, and those that nobody has any more give their memory back', async (t) => {
    const dir = tempDir(t, { 'app.ini': `[uwsgi]\nwsgi-file = ${APP[1] ?? ''}\ncache2 = name=c,items=5\nadd-cache-item = from=start\n` });
    const server = await startServer(t, [...HTTP, '--ini', join(dir, 'app.ini')]);
    const at = server.address('http-socket');
    await call(at, 'cache_set', 'a', 'one');
    writeFileSync(
      join(dir, 'app.ini'),
      `[uwsgi]\nwsgi-file = ${APP[1] ?? ''}\ncache2 = name=c,items=6\ncache2 = name=d,items=6\nadd-cache-item = d from=reload\n`,
    );
    server.signal('SIGHUP');
    await server.line(/reloaded: /);
    const found = ['a', 'from'].map((key) => call(at, 'cache_get', key));
    assert.deepEqual(await Promise.all([...found, call(at, 'cache_get', 'from', 'd')]), ['None', 'None', "b'reload'"]);
    assert.equal(runtimeFiles(server.pid).filter((name) => name.startsWith('cache-')).length, 2);
  });

  test('with a store is there when the server is started again; other sizes are refused with a remedy', async (t) => {
    const store = join(tempDir(t), 'store');
    const started = (keys: string) => startServer(t, [...HTTP, '--cache2', `name=c,store=${store},${keys}`, ...APP]);
    const first = await started('items=5');
    await call(first.address('http-socket'), 'cache_set', 'a', 'one');
    await first.stop('SIGTERM');
    const second = await started('items=5');
    assert.equal(await call(second.address('http-socket'), 'cache_get', 'a'), "b'one'");
    await second.stop('SIGTERM');
    const { status, output } = await runServer(t, [...HTTP, '--cache2', `name=c,store=${store},items=6`, ...APP]);
    assert.equal(status, 22);
    assert.match(output, /cache2 "c" cannot be had: .*store was made with other sizes: remove the file, or add store_delete=1/);
    assert.doesNotMatch(output, /Traceback/);
    const third = await started('items=6,store_delete=1');
    assert.equal(await call(third.address('http-socket'), 'cache_get', 'a'), 'None');
  });

  test('serves workers of another user, in memory that only they and root can read', { skip: NOT_ROOT }, async (t) => {
    const server = await startServer(t, [
      ...[...HTTP, '--master-as-root', '--uid', 'nobody', '--gid', 'nogroup', '--stats', '127.0.0.1:0'],
      ...['--cache2', 'name=c,items=5', '--metric', 'jobs', ...APP],
    ]);
    assert.equal(await call(server.address('http-socket'), 'cache_set', 'a', 'one'), 'True');
    assert.equal(await call(server.address('http-socket'), 'metric_inc', 'jobs'), 'True');
    assert.equal((await statsOf(server.address('stats'))).caches?.[0]?.items, 1);
    for (const name of runtimeFiles(server.pid).filter((each) => /^(cache-|metrics)/.test(each)))
      assert.equal(statSync(join(runtimeDirectory(server.pid), name)).mode & 0o777, 0o600);
  });

  test('works without a master', async (t) => {
    const server = await startServer(t, ['--http-socket', '127.0.0.1:0', '--cache', '5', ...APP]);
    await call(server.address('http-socket'), 'cache_set', 'a', 'one', 0, 'default');
    assert.equal(await call(server.address('http-socket'), 'cache_get', 'a'), "b'one'");
  });

  test('of another server is refused by its name, not passed over', async (t) => {
    const server = await startServer(t, [...HTTP, '--cache2', 'name=second,items=5', ...APP]);
    assert.equal(JSON.parse((await fetchOnce(server.address('http-socket'), '/remote')).text), 'ValueError');
    const { status, output } = await runServer(t, [...HTTP, '--cache2', 'name=c,items=5,nodes=10.0.0.1:3031', ...APP]);
    assert.notEqual(status, 0);
    assert.match(output, /cache2.*no "nodes=": caches of other servers are not reached/s);
  });
});

test('metrics of the server are told to the application', async (t) => {
  const server = await startServer(t, [...HTTP, '--enable-metrics', ...APP]);
  const at = server.address('http-socket');
  await call(at, 'metric_get', 'nothing');
  assert.deepEqual(await Promise.all([call(at, 'metric_get', 'worker.1.requests'), call(at, 'metric_get', 'core.busy_workers')]), [
    '1',
    '1',
  ]);
  assert.ok(Number(await call(at, 'metric_get', 'worker.1.rss_size')) > 2 ** 20);
  assert.equal(await call(at, 'metric_get', 'core.routed_signals'), 'ValueError');
});

function runtimeDirectory(pid: number): string {
  return findRuntimeDirectories().find((each) => each.pid === pid)?.path ?? assert.fail(`${String(pid)} has no runtime directory`);
}

function runtimeFiles(pid: number): readonly string[] {
  return readdirSync(runtimeDirectory(pid));
}
