/** What an operator can see: start-up lines, request lines, the statistics. */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { exchange, fetchOnce, HttpConnection } from '../helpers/http.ts';
import { APPS, VERSION } from '../helpers/paths.ts';
import { startUwsgi } from '../helpers/peers.ts';
import { isAlive } from '../helpers/processes.ts';
import { requires } from '../helpers/requirements.ts';
import { startServer } from '../helpers/server.ts';
import { statsOf } from '../helpers/statistics.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

describe('the start-up lines', () => {
  test('tell the version, the interpreter, the application, the sockets and the pids', async (t) => {
    const server = await startServer(
      t,
      '--http 127.0.0.1:0 --socket 127.0.0.1:0 --stats 127.0.0.1:0 -M -p 2 --threads 3 --wsgi-file hello.py',
    );
    await server.line(new RegExp(`tsuwsgi ${VERSION.replaceAll('.', '\\.')} on Node \\d+\\.\\d+\\.\\d+ \\(pid ${String(server.pid)}\\)`));
    await server.line(/python 3\.\d+\.\d+, \/usr\/bin\/python3/);
    await server.line(/application hello\.py \(uwsgi_file_hello\) loaded in \d+\.\d\d s/);
    for (const line of [/http on 127\.0\.0\.1:\d+/, /uwsgi on 127\.0\.0\.1:\d+, direct/, /stats on 127\.0\.0\.1:\d+/])
      await server.line(line);
    for (const worker of [1, 2]) {
      await server.line(new RegExp(`worker ${String(worker)} \\(pid \\d+\\) serving, 3 threads`));
      assert.ok(isAlive(server.workerPid(worker)));
    }
    assert.match(server.log.trimEnd().split('\n').at(-1) ?? '', /ready: 2 workers$/);
  });

  test('the pid file holds the pid of the master', async (t) => {
    const path = join(tempDir(t), 'pid');
    const server = await startServer(t, `--http 127.0.0.1:0 -M --pidfile ${path} --wsgi-file hello.py`);
    await server.line(new RegExp(`\\(pid ${String(server.pid)}\\)`));
  });
});

const REQUEST_LINE =
  /^\[pid: (?<pid>\d+)\|app: 0\|req: (?<req>\d+)\/(?<all>\d+)\] (?<addr>\S*) \((?<user>\S*)\) \{(?<vars>\d+) vars in (?<packet>\d+) bytes\} \[(?<date>\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\] (?<method>\S+) (?<uri>\S+) => generated (?<bytes>\d+) bytes in (?<msecs>\d+) msecs(?<via> | via sendfile\(\) )\((?<protocol>\S+) (?<status>\d{3})\) (?<headers>\d+) headers in (?<head>\d+) bytes \((?<switches>\d+) switches on core (?<core>\d+)\)$/;

describe('the request line', () => {
  for (const door of ['http-socket', 'socket'] as const) {
    test(`has uWSGI's form, with the figures of the request (--${door})`, async (t) => {
      const server = await startServer(t, `--${door} 127.0.0.1:0 -M -p 1 --wsgi-file hello.py`);
      const address = server.address(door === 'socket' ? 'uwsgi' : door);
      const headLength = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\n'.length;
      await (door === 'socket' ? uwsgiRequest(address, '/a/b?c=d', { vars: { REMOTE_USER: 'jo' } }) : fetchOnce(address, '/a/b?c=d'));
      const [line] = await server.line(/^\[pid:.*/);
      const seen = REQUEST_LINE.exec(line)?.groups ?? {};
      assert.deepEqual(
        { ...seen, date: '', msecs: '', packet: '', vars: '' },
        {
          pid: String(server.workerPid(1)),
          req: '1',
          all: '1',
          addr: door === 'socket' ? '192.0.2.7' : '127.0.0.1',
          user: door === 'socket' ? 'jo' : '',
          vars: '',
          packet: '',
          date: '',
          method: 'GET',
          uri: '/a/b?c=d',
          bytes: '12',
          msecs: '',
          via: ' ',
          protocol: 'HTTP/1.1',
          status: '200',
          headers: '2',
          head: String(headLength),
          switches: '1',
          core: '0',
        },
        line,
      );
      assert.ok(Math.abs(Date.parse(seen['date'] ?? '') - Date.now()) < 60_000 + Math.abs(new Date().getTimezoneOffset()) * 60_000);
    });
  }

  test('counts the requests of the worker and of the server', async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 -M -p 2 --threads 2 --wsgi-file hello.py');
    for (let nth = 0; nth < 12; nth++) await fetchOnce(server.address('http'), '/');
    await server.line(/^\[pid:/, 12);
    const seen = server.lines(REQUEST_LINE).map(({ groups = {} }) => groups);
    assert.deepEqual(
      seen.map(({ all }) => Number(all)).sort((a, b) => a - b),
      Array.from({ length: 12 }, (_, nth) => nth + 1),
    );
    for (const pid of new Set(seen.map((line) => line['pid']))) {
      const own = seen.filter((line) => line['pid'] === pid).map((line) => Number(line['req']));
      assert.equal(Math.max(...own), own.length);
    }
  });

  test('a control character in the path cannot forge a line', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 -p 1 --wsgi-file hello.py');
    await uwsgiRequest(server.address('uwsgi'), '/', { vars: { REQUEST_URI: '/x\n[pid: 1|forged]', HTTP_X: 'y' } });
    await server.line(/generated 12 bytes/);
    assert.equal(server.lines(/^\[pid: 1\|forged/).length, 0, server.log);
  });

  test('-L leaves it out, and nothing else', async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 -L --wsgi-file output.py');
    await fetchOnce(server.address('http'), '/');
    await server.line(/^printed$/);
    await server.stop('SIGTERM');
    assert.equal(server.lines(/generated/).length, 0);
  });

  test('a request that failed is logged with 500', async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 --wsgi-file exceptions.py');
    await fetchOnce(server.address('http'), '/before');
    const [line] = await server.line(/^\[pid:.*/);
    assert.equal(REQUEST_LINE.exec(line)?.groups?.['status'], '500', line);
  });

  for (const { path, method } of [
    { path: '/', method: 'GET' },
    { path: '/a%20b?c=d&e', method: 'POST' },
  ]) {
    test(`is the same as uWSGI's for ${method} ${path}`, { skip: requires('uwsgi', 'uwsgi-plugin-python3') }, async (t) => {
      const words = '-M -p 1 --http-socket 127.0.0.1:0 --wsgi-file headers.py';
      const ours = await startServer(t, words);
      const theirs = await startUwsgi(t, words);
      const request = { method, headers: { 'X-Some': 'header' }, ...(method === 'POST' ? { body: 'body' } : {}) };
      await fetchOnce(ours.address('http-socket'), path, request);
      await fetchOnce(theirs.address, path, request);
      const line = /^\[pid: .*/;
      assert.equal(timeless((await ours.line(line))[0]), timeless((await theirs.child.line(line))[0]));
    });
  }
});

describe('the statistics', () => {
  const WORDS = '-M -p 2 --threads 2 --stats 127.0.0.1:0 --socket 127.0.0.1:0';

  test("have uWSGI's keys and types in uWSGI's order", { skip: requires('uwsgi', 'uwsgi-plugin-python3') }, async (t) => {
    const dir = tempDir(t);
    const ours = await startServer(t, `${WORDS} --wsgi-file ${join(APPS, 'hello.py')}`);
    const theirs = await startUwsgi(
      t,
      `-M -p 2 --threads 2 --stats ${dir}/stats.sock --socket 127.0.0.1:0 --wsgi-file ${join(APPS, 'hello.py')}`,
    );
    for (const address of [ours.address('uwsgi'), theirs.address]) await uwsgiRequest(address, '/');
    await theirs.child.line(/Stats server enabled/);
    const [own, uwsgis] = [await statsOf(ours.address('stats')), await statsOf({ path: `${dir}/stats.sock` })].map(shapeOf) as unknown[][];
    // What is ours comes behind.
    assert.deepEqual(own?.slice(0, uwsgis?.length), uwsgis);
  });

  test('count', async (t) => {
    const server = await startServer(t, `${WORDS} --http 127.0.0.1:0 --wsgi-file exceptions.py`);
    const line = await server.line(/uwsgi on (\S+),/);
    for (let nth = 0; nth < 5; nth++) await fetchOnce(server.address('http'), '/');
    await fetchOnce(server.address('http'), '/before');
    await uwsgiRequest(server.address('uwsgi'), '/');
    await server.line(/^\[pid:/, 7);
    const stats = await statsOf(server.address('stats'));
    const sum = (key: 'requests' | 'exceptions' | 'tx') => stats.workers.reduce((total, worker) => total + worker[key], 0);
    assert.deepEqual([sum('requests'), sum('exceptions')], [7, 1]);
    assert.ok(sum('tx') > 6 * 'fine'.length);
    assert.deepEqual([stats.pid, stats.cwd, stats.uid], [server.pid, APPS, process.getuid?.()]);
    assert.ok(stats.sockets.some(({ name, proto }) => name === line[1] && proto === 'uwsgi'));
    for (const [at, worker] of stats.workers.entries()) {
      assert.deepEqual([worker.id, worker.pid, worker.status, worker.respawn_count], [at + 1, server.workerPid(at + 1), 'idle', 1]);
      assert.equal(
        worker.cores.reduce((total, core) => total + core.requests, 0),
        worker.requests,
      );
    }
  });

  test('show what is running, while it runs', async (t) => {
    const server = await startServer(t, `${WORDS} --wsgi-file sleep.py`);
    const asked = uwsgiRequest(server.address('uwsgi'), '/now?1');
    await server.line(/^began \/now/);
    const busy = (await statsOf(server.address('stats'))).workers.filter(({ status }) => status === 'busy');
    assert.equal(busy.length, 1);
    const core = busy[0]?.cores.find(({ in_request }) => in_request === 1);
    assert.ok(core && Math.abs((core.req_info.request_start ?? 0) - Date.now() / 1000) < 10, JSON.stringify(busy));
    await asked;
    await server.line(/^\[pid:/);
    assert.ok((await statsOf(server.address('stats'))).workers.every(({ status }) => status === 'idle'));
  });

  test('survive the death of a worker', async (t) => {
    const server = await startServer(t, `${WORDS} --wsgi-file hello.py`);
    for (let nth = 0; nth < 8; nth++) await uwsgiRequest(server.address('uwsgi'), '/');
    // A client has its answer before the worker has counted it.
    await server.line(/^\[pid:/, 8);
    process.kill(server.workerPid(1), 'SIGKILL');
    await server.line(/worker 1 \(pid \d+\) serving/, 2);
    const { workers } = await statsOf(server.address('stats'));
    assert.deepEqual([workers[0]?.respawn_count, workers[0]?.pid], [2, server.workerPid(1)]);
    assert.equal(
      workers.reduce((total, { requests }) => total + requests, 0),
      8,
    );
  });

  test('count harakiri', async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 -M -p 1 -t 1 --stats 127.0.0.1:0 --wsgi-file sleep.py');
    assert.equal((await fetchOnce(server.address('http'), '/?60')).status, 504);
    await server.line(/worker 1 \(pid \d+\) serving/, 2);
    assert.equal((await statsOf(server.address('stats'))).workers[0]?.harakiri_count, 1);
  });

  test('are one document a connection, whatever the client says, on a Unix socket as well', async (t) => {
    const path = join(tempDir(t), 'stats.sock');
    await startServer(t, `--http 127.0.0.1:0 --stats ${path} --wsgi-file hello.py`);
    for (const words of ['', 'GET / HTTP/1.0\r\n\r\n'])
      assert.ok('workers' in (JSON.parse((await exchange({ path }, words)).toString()) as object));
  });

  test('name this host nowhere but in uwsgi.node', async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 --wsgi-file environ.py');
    const connection = await HttpConnection.open(server.address('http'));
    const environ = JSON.parse((await connection.request('/')).text) as Record<string, [string, string]>;
    connection.close();
    assert.deepEqual(environ['uwsgi.node'], ['bytes', `b'${hostname()}'`]);
  });
});

/** Keys in order with the types of their values; of a list the first element stands for all. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value))
    return value.every((one) => typeof one === 'object') && !isLocks(value) ? value.slice(0, 1).map(shapeOf) : value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.entries(value).map(([key, one]) => [key, shapeOf(one)]);
}

/** The locks have a key of their own each. */
function isLocks(list: readonly unknown[]): boolean {
  return list.some((one) => typeof one === 'object' && one !== null && 'signal' in one);
}

/** A request line without what differs from run to run. */
function timeless(line: string): string {
  return line
    .replace(/pid: \d+/, 'pid: N')
    .replace(/\[\w{3} \w{3} .*? \d{4}\]/, '[DATE]')
    .replace(/in \d+ msecs/, 'in N msecs');
}
