/** Clients that take their time to read an answer: none of them holds a worker, and each gets all of it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { makeCertificate } from '../helpers/certificates.ts';
import { eventually, within } from '../helpers/eventually.ts';
import { fetchOnce, HttpConnection } from '../helpers/http.ts';
import { Http2Client } from '../helpers/http2.ts';
import { doorOf, download, gatewayPid, type Protocol, watchMemory } from '../helpers/large-bodies.ts';
import { isAlive, openFiles } from '../helpers/processes.ts';
import { NOT_ROOT, requires } from '../helpers/requirements.ts';
import { SERVER, startServer, type Server } from '../helpers/server.ts';
import { digestOfDownload, SlowReader, writtenBy } from '../helpers/slow-reader.ts';
import { tempDir } from '../helpers/temp.ts';

const MEGABYTE = 1024 * 1024;
/** More than the kernel and the gateway's memory hold for one connection. */
const LARGE = 20;
const READERS = 20;

interface Site {
  readonly server: Server;
  readonly directory: string;
  /** Files of answers that the gateway has open. */
  readonly files: () => number;
  /** Pieces that the application was asked for, as another client hears. */
  readonly made: () => Promise<number>;
  readonly reader: (megabytes?: number) => Promise<SlowReader>;
}

/** One worker of one thread behind an address of this protocol, and behind one of HTTP for others. */
async function start(t: TestContext, { protocol = 'http', flags = '' }: { protocol?: Protocol; flags?: string } = {}): Promise<Site> {
  const directory = tempDir(t);
  const { option, door } = doorOf(protocol);
  const server = await startServer(
    t,
    `--${option} 127.0.0.1:0 --http 127.0.0.1:0 --direct-socket=false -M -p 1 --wsgi-file download.py ` +
      `--socket-timeout 60 --http-post-buffering-dir ${directory} ${flags}`,
  );
  const gateway = gatewayPid(server) ?? 0;
  return {
    server,
    directory,
    files: () => openFiles(gateway).filter((path) => path.startsWith(directory)).length,
    made: async () => Number((await fetchOnce(server.address('http'), '/made')).text),
    reader: (megabytes = LARGE) => SlowReader.open(t, { protocol, address: server.address(door), megabytes }),
  };
}

for (const protocol of ['http', 'fastcgi', 'scgi', 'uwsgi'] as const) {
  test(`${READERS} clients that do not read leave the only thread to others, and have their answers in the end (${protocol})`, async (t) => {
    const { made, reader, files, directory } = await start(t, { protocol });
    const readers: SlowReader[] = [];
    for (let nth = 0; nth < READERS; nth++) readers.push(await reader());
    assert.equal(await within(5000, 'an answer for somebody else', made()), READERS * LARGE * 16);
    assert.equal(files(), READERS);
    assert.deepEqual(readdirSync(directory), []);
    for (const leaving of readers.splice(READERS / 2)) leaving.stream.close();
    await eventually('the files of those who left are closed', () => files() === READERS / 2);
    const expected = digestOfDownload(LARGE);
    for (const one of readers) assert.equal(await one.digest(), expected);
    await eventually('no file is open', () => files() === 0);
  });
}

test('the same over HTTP/2, where two of them share a connection', { skip: requires('openssl') }, async (t) => {
  const { certificate, key } = makeCertificate(tempDir(t), 'localhost');
  const server = await startServer(t, [...`--https 127.0.0.1:0,${certificate},${key} -M -p 1 --wsgi-file download.py`.split(' ')]);
  const { port = 0 } = server.address('https') as { port?: number };
  const client = await Http2Client.open(t, port);
  const streams = [client.session.request({ ':path': '/?5' }), client.session.request({ ':path': '/?5' })];
  await Promise.all(streams.map((stream) => within(5000, 'a head', new Promise((resolve) => stream.once('response', resolve)))));
  const other = await Http2Client.open(t, port);
  assert.equal((await within(5000, 'an answer for somebody else', other.request('/made'))).text, String(2 * 5 * 16));
  for (const stream of streams) {
    const hash = createHash('sha256');
    for await (const piece of stream) hash.update(piece as Buffer);
    assert.equal(hash.digest('hex'), digestOfDownload(5));
  }
});

test('with response-buffering = 0 the worker waits, as it does beyond what one may have', async (t) => {
  const waits = async (flags: string, bound: number) => {
    const { made, reader, files } = await start(t, { flags: `--threads 2 ${flags}` });
    const slow = await reader(100);
    await eventually('it has what it may', () => files() === (bound === 0 ? 0 : 1));
    let last = -1;
    await eventually('the application waits', async () => {
      const before = last;
      last = await made();
      // It has made what may be kept, and no more: before that it may only be slow.
      return last === before && last > bound * 16;
    });
    assert.ok(last < 100 * 16, `${last} pieces`);
    assert.equal(await slow.digest(), digestOfDownload(100));
    await eventually('no file is open', () => files() === 0);
  };
  await waits('--response-buffering 0', 0);
  await waits('--response-buffering 30M', 30);
  await waits('--response-buffering-total 30M', 30);
});

test('what a reader that stalls has not read is not in memory, and the application goes on to its end', async (t) => {
  const { server, made, reader } = await start(t);
  await download(t, { protocol: 'http', address: server.address('http'), megabytes: 64 });
  const more = watchMemory(server);
  const slow = await reader(200);
  assert.equal(await made(), 264 * 16);
  t.diagnostic(`${Math.round(more() / 1024)} MB more for 200`);
  assert.ok(more() < 20 * 1024, `${more()} KiB more than before`);
  assert.equal(await slow.digest(), digestOfDownload(200));
  assert.ok(more() < 64 * 1024, `${more()} KiB more than before`);
});

test('a client that keeps up gets its answer without the disk', async (t) => {
  const { server } = await start(t);
  const gateway = gatewayPid(server) ?? 0;
  const parts: number[] = [];
  // On a machine that is busy this client may stumble, and then the rest of that answer is kept.
  while (parts.length < 10 && !parts.some((part) => part < 1.1)) {
    const before = writtenBy(gateway);
    assert.ok(await download(t, { protocol: 'http', address: server.address('http'), megabytes: 64 }));
    parts.push((writtenBy(gateway) - before) / MEGABYTE / 64);
  }
  assert.ok((parts.at(-1) ?? 2) < 1.1, `of each answer the gateway wrote ${parts.join(', ')} times its size`);
});

test('what is kept for a client is all gone once it takes nothing for http-timeout', async (t) => {
  const { reader, files } = await start(t, { flags: '--http-timeout 1' });
  const slow = await reader();
  await eventually('there is a file', () => files() === 1);
  await eventually('there is none', () => files() === 0);
  await assert.rejects(slow.digest());
});

describe('a client whose worker is gone has its answer:', () => {
  test('after a reload', async (t) => {
    const { server, reader, made } = await start(t);
    const slow = await reader();
    await made();
    const pid = server.workerPid(1);
    server.signal('SIGHUP');
    await eventually('another worker serves', () => server.workerPid(1) !== pid);
    await eventually('the first is gone', () => !isAlive(pid));
    assert.equal(await slow.digest(), digestOfDownload(LARGE));
  });

  test('after a kill -9', async (t) => {
    const { server, reader, made } = await start(t);
    const slow = await reader();
    await made();
    process.kill(server.workerPid(1), 'SIGKILL');
    await server.line(/worker 1 \(pid \d+\) was killed by signal 9/);
    assert.equal(await slow.digest(), digestOfDownload(LARGE));
  });

  test('when the server stops, which waits for it', async (t) => {
    const { server, reader, made } = await start(t);
    const slow = await reader();
    await made();
    server.signal('SIGTERM');
    await server.line(/SIGTERM: stopping after what is in flight/);
    assert.equal(await slow.digest(), digestOfDownload(LARGE));
    assert.equal((await server.finished()).status, 0);
  });

  test('but not for ever: a server that stops waits for as long as worker-reload-mercy', async (t) => {
    const { server, reader, made } = await start(t, { flags: '--worker-reload-mercy 1' });
    const slow = await reader();
    await made();
    server.signal('SIGTERM');
    assert.equal((await server.finished()).status, 0);
    assert.equal(server.lines(/had not taken their responses within worker-reload-mercy, and were cut off: 1$/).length, 1, server.log);
    await assert.rejects(slow.digest());
  });
});

test('a connection goes on after an answer that was kept', async (t) => {
  const { server, made } = await start(t);
  const client = await HttpConnection.open(server.address('http'));
  t.after(() => client.close());
  client.send(`/?${LARGE}`);
  client.send('/made');
  await client.responseHead();
  assert.equal(await made(), LARGE * 16);
  let size = 0;
  for (let chunk = await client.readChunk(); chunk.length > 0; chunk = await client.readChunk()) size += chunk.length;
  assert.equal(size, LARGE * MEGABYTE);
  assert.equal((await client.response()).text, String(LARGE * 16));
});

test('where the disk is full, the worker waits, a line says why, and nothing is lost', { skip: NOT_ROOT }, async (t) => {
  const directory = join(tempDir(t), 'small');
  mkdirSync(directory);
  const script = 'mount -t tmpfs -o size=3m none "$0" && exec "$@"';
  const server = await startServer(
    t,
    `--http 127.0.0.1:0 -M -p 1 --threads 2 --wsgi-file download.py --http-post-buffering-dir ${directory}`,
    { command: ['unshare', '--mount', 'sh', '-c', script, directory, ...SERVER] },
  );
  const address = server.address('http');
  const slow = await SlowReader.open(t, { protocol: 'http', address, megabytes: LARGE });
  await server.line(/slow clients: a response cannot be kept in .*ENOSPC.*its worker waits for the client; make room there/);
  assert.ok(Number((await fetchOnce(address, '/made')).text) < LARGE * 16);
  assert.equal(await slow.digest(), digestOfDownload(LARGE));
});
