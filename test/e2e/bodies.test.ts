/** Bodies that come in and go out: nobody holds a worker with one, none is kept in memory, and nothing of one is left behind. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce, HttpConnection } from '../helpers/http.ts';
import {
  asking,
  connect,
  doorOf,
  download,
  gatewayPid,
  opening,
  type Protocol,
  PROTOCOLS,
  upload,
  watchMemory,
  wrapped,
} from '../helpers/large-bodies.ts';
import { openFiles } from '../helpers/processes.ts';
import { NOT_ROOT } from '../helpers/requirements.ts';
import { runtimeDirectories } from '../helpers/runtime-directories.ts';
import { runServer, SERVER, startServer, type Server } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';
import { textOf } from '../helpers/web-server-protocols.ts';

const MEGABYTE = 1024 * 1024;
const LARGE = 256;
/** What an application answers to a request without a body. */
const TEXT_OF: Readonly<Record<Protocol, (address: Address, path: string) => Promise<string>>> = {
  http: async (address, path) => (await fetchOnce(address, path)).text,
  uwsgi: async (address, path) => (await uwsgiRequest(address, path)).text,
  fastcgi: (address, path) => textOf('fastcgi', address, path),
  scgi: (address, path) => textOf('scgi', address, path),
};

for (const protocol of PROTOCOLS) {
  const { option, door } = doorOf(protocol);

  describe(`over ${protocol}`, () => {
    test(`${LARGE} MB go up in constant memory`, async (t) => {
      const server = await startServer(t, `--${option} 127.0.0.1:0 -M --wsgi-file digest.py`);
      const address = server.address(door);
      await upload(t, { protocol, address, megabytes: 8 });
      const more = watchMemory(server);
      assert.ok(await upload(t, { protocol, address, megabytes: LARGE }));
      assert.ok(more() < 64 * 1024, `${more()} KiB more than before`);
    });

    test(`${LARGE} MB come down in constant memory`, async (t) => {
      const server = await startServer(t, `--${option} 127.0.0.1:0 -M --wsgi-file download.py`);
      const address = server.address(door);
      await download(t, { protocol, address, megabytes: 8 });
      const more = watchMemory(server);
      assert.ok(await download(t, { protocol, address, megabytes: LARGE }));
      assert.ok(more() < 64 * 1024, `${more()} KiB more than before`);
    });

    test('a reader that stalls costs less than 20 MB, and holds the application back where its answer is not kept', async (t) => {
      const server = await startServer(
        t,
        `--${option} 127.0.0.1:0 -M --threads 2 --http-timeout 30 --socket-timeout 30 --response-buffering 0 --wsgi-file download.py`,
      );
      const address = server.address(door);
      const made = async () => Number(await TEXT_OF[protocol](address, '/made'));
      await made();
      const more = watchMemory(server);
      const stream = await connect(t, address);
      stream.write(asking(protocol, '/?1000'));
      await stream.readUntil('\r\n\r\n');
      let last = -1;
      await eventually('the application waits', async () => {
        const before = last;
        last = await made();
        return last === before;
      });
      assert.ok(last > 4 && last < 1000, `${last} of 16000 pieces were made`);
      assert.ok(more() < 20 * 1024, `${more()} KiB more than before`);
    });

    test('a client that leaves during its download: the iterable is closed and the worker free', async (t) => {
      const server = await startServer(t, `--${option} 127.0.0.1:0 -M -p 1 --wsgi-file close.py`);
      const address = server.address(door);
      const stream = await connect(t, address);
      stream.write(asking(protocol, '/left?100000'));
      await stream.readUntil('\r\n\r\n');
      stream.close();
      await server.line(/^closed \/left 1 left \d+$/);
      assert.equal((await TEXT_OF[protocol](address, '/next?1')).length, 65_536);
    });
  });
}

for (const protocol of ['http', 'uwsgi'] as const) {
  const { option, door } = doorOf(protocol);

  describe(`post-buffering over ${protocol}`, () => {
    for (const { where, size } of [
      { where: 'memory', size: 150_000 },
      { where: 'a file', size: 300_000 },
    ]) {
      test(`lets the application seek in a body that is kept in ${where}, which goes with the request`, async (t) => {
        const server = await startServer(t, `--${option} 127.0.0.1:0 --post-buffering 200000 -M -p 1 --wsgi-file seek.py`);
        const body = Buffer.alloc(size, `${'x'.repeat(99)}\n`);
        const address = server.address(door);
        const ask = () =>
          protocol === 'uwsgi' ? uwsgiRequest(address, '/', { method: 'POST', body }) : fetchOnce(address, '/', { method: 'POST', body });
        for (let nth = 0; nth < 3; nth++) {
          const [first, end, again, place = ''] = (await ask()).text.split(' ');
          assert.deepEqual([first, end, again], ['100', String(size), 'True']);
          assert.equal(place === 'memory', where === 'memory', place);
        }
        await eventually('no file is open', () =>
          openFiles(server.workerPid(1)).every((path) => !path.endsWith('(deleted)') || path.includes('scoreboard')),
        );
      });
    }
  });
}

for (const protocol of ['http', 'fastcgi', 'scgi'] as const) {
  const { option, door } = doorOf(protocol);

  test(`an upload that takes its time holds no worker (${protocol})`, async (t) => {
    const server = await startServer(t, `--${option} 127.0.0.1:0 --http-socket 127.0.0.1:0 -M -p 1 --wsgi-file digest.py`);
    const others = server.address('http-socket', protocol === 'http' ? 2 : 1);
    const size = 3 * MEGABYTE;
    const stream = await connect(t, server.address(door));
    stream.write(opening(protocol, '/slow', size));
    const piece = Buffer.alloc(32 * 1024);
    for (let sent = 0; sent < size - piece.length; sent += piece.length) await stream.written(wrapped(protocol, piece));
    for (let nth = 0; nth < 5; nth++) assert.equal((await fetchOnce(others, '/other', { method: 'POST', body: 'x' })).status, 200);
    assert.deepEqual(server.lines(/^began \/slow/), []);
    stream.write(wrapped(protocol, piece));
    assert.match((await stream.readToEnd()).toString('latin1'), new RegExp(`${size} `));
  });
}

test('without request-buffering the application reads while its client sends', async (t) => {
  const server = await startServer(t, '--http-socket 127.0.0.1:0 --request-buffering=false -M -p 1 --wsgi-file digest.py');
  const stream = await connect(t, server.address('http-socket'));
  stream.write(opening('http', '/streamed', 200_000));
  stream.write(Buffer.alloc(100_000));
  await server.line(/^began \/streamed/);
  stream.write(Buffer.alloc(100_000));
  assert.match((await stream.readToEnd()).toString('latin1'), /200000 /);
});

for (const { how, flags, skip } of [
  { how: 'a master', flags: '-M -p 2', skip: false },
  { how: 'no master', flags: '--threads 2', skip: false },
  { how: 'a master that stays root', flags: '-M -p 2 --uid nobody --gid nogroup --master-as-root', skip: NOT_ROOT },
  { how: 'several gateways', flags: '-M -p 4 --gateways 2', skip: false },
]) {
  test(`bodies in shared memory are what their clients sent (${how})`, { skip }, async (t) => {
    const server = await startServer(t, `--http-socket 127.0.0.1:0 ${flags} --wsgi-file digest.py`);
    const address = server.address('http-socket');
    const sizes = [131_073, 200_000, 999_999, MEGABYTE, 262_144, 10];
    const uploads = Array.from({ length: 8 }, async (_, nth) => {
      const client = await HttpConnection.open(address);
      t.after(() => client.close());
      for (const size of sizes) {
        const body = Buffer.from(Array.from({ length: size }, (_byte, at) => (at * (nth + 2)) % 251));
        client.send('/', { method: 'POST', body });
        assert.equal((await client.response()).text, `${size} ${createHash('sha256').update(body).digest('hex')}`);
      }
    });
    await Promise.all(uploads);
    assert.ok(runtimeDirectories(server).flatMap((directory) => readdirSync(join(directory, 'bodies'))).length > 0, 'they were shared');
    await server.stop('SIGTERM');
    assert.deepEqual(runtimeDirectories(server), []);
  });
}

test('what a gateway that was killed had shared is gone with it', async (t) => {
  const server = await startServer(t, '--http-socket 127.0.0.1:0 -M --wsgi-file digest.py');
  const send = () => fetchOnce(server.address('http-socket'), '/', { method: 'POST', body: Buffer.alloc(500_000) });
  const [directory = ''] = runtimeDirectories(server);
  const shared = () => readdirSync(join(directory, 'bodies'));
  await send();
  assert.equal(shared().length, 1);
  process.kill(gatewayPid(server) ?? 0, 'SIGKILL');
  await server.line(/the gateway ended \(SIGKILL\)/);
  await eventually('nothing is left', () => shared().length === 0);
  assert.match((await send()).text, /^500000 /);
});

describe('a body in a file', () => {
  const half = Buffer.alloc(2 * MEGABYTE, 'x');

  async function start(t: Parameters<typeof startServer>[0], flags = ''): Promise<{ server: Server; directory: string }> {
    const directory = tempDir(t);
    return {
      server: await startServer(t, `--http 127.0.0.1:0 -M -p 1 --wsgi-file digest.py --http-post-buffering-dir ${directory} ${flags}`),
      directory,
    };
  }

  async function begin(server: Server): Promise<HttpConnection> {
    const client = await HttpConnection.open(server.address('http'));
    client.sendRaw(opening('http', '/', 2 * half.length), 'POST');
    await client.stream.written(half);
    return client;
  }

  test('has no name while it is there, and is gone with its client', async (t) => {
    const { server, directory } = await start(t);
    const gateway = gatewayPid(server) ?? 0;
    const isThere = () => openFiles(gateway).some((path) => path.startsWith(directory));
    const client = await begin(server);
    await eventually('it is there', isThere);
    assert.deepEqual(readdirSync(directory), []);
    client.close();
    await eventually('it is gone', () => !isThere());
  });

  test('is gone with a gateway that is killed', async (t) => {
    const { server, directory } = await start(t);
    const gateway = gatewayPid(server) ?? 0;
    const client = await begin(server);
    t.after(() => client.close());
    await eventually('it is there', () => openFiles(gateway).some((path) => path.startsWith(directory)));
    process.kill(gateway, 'SIGKILL');
    await server.line(/the gateway ended \(SIGKILL\)/);
    assert.deepEqual(readdirSync(directory), []);
  });

  test('needs a directory that is there: a start without it fails, and a reload changes nothing', async (t) => {
    const { status, output } = await runServer(t, '--http 127.0.0.1:0 --wsgi-file digest.py --http-post-buffering-dir /nowhere/bodies');
    assert.equal(status, 1);
    assert.match(output, /cannot keep bodies in http-post-buffering-dir \/nowhere\/bodies: no such file or directory/);
    assert.match(output, /let the server's user write there, or name another one/);

    const { server, directory } = await start(t);
    rmdirSync(directory);
    server.signal('SIGHUP');
    await server.line(/reload failed.*cannot keep bodies in http-post-buffering-dir/);
    assert.equal((await fetchOnce(server.address('http'), '/', { method: 'POST', body: 'x' })).status, 200);
    mkdirSync(directory);
  });

  test('that does not fit on the disk is answered 507, and a line says what to do', { skip: NOT_ROOT }, async (t) => {
    const directory = join(tempDir(t), 'small');
    mkdirSync(directory);
    // A mount of its own namespace ends with the processes, however they end.
    const script = 'mount -t tmpfs -o size=3m none "$0" && exec "$@"';
    const server = await startServer(t, `--http 127.0.0.1:0 -M -p 1 --wsgi-file digest.py --http-post-buffering-dir ${directory}`, {
      command: ['unshare', '--mount', 'sh', '-c', script, directory, ...SERVER],
    });
    const client = await begin(server);
    client.stream.write(half);
    assert.equal((await client.response()).status, 507);
    client.close();
    await server.line(/"POST \/" 507: its body cannot be kept in .*ENOSPC.*make room there/);
    assert.equal((await fetchOnce(server.address('http'), '/', { method: 'POST', body: Buffer.alloc(1_500_000) })).status, 200);
  });
});
