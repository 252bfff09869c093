/** Files that an application sends with wsgi.file_wrapper: the gateway takes them over, and the worker is free. */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { ConnectionLost } from '../helpers/byte-stream.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce, HttpConnection } from '../helpers/http.ts';
import { fastcgiPass, scgiPass, startNginx, uwsgiPass } from '../helpers/nginx.ts';
import { treeOf } from '../helpers/processes.ts';
import { requires } from '../helpers/requirements.ts';
import { onEnd, type Scope } from '../helpers/scope.ts';
import { type Server, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

const FLAGS = '-M -p 1 --http-socket 127.0.0.1:0 --wsgi-file sent-file.py';
const MIB = 2 ** 20;
const SIZE = 20 * MIB;
const BYTES = Buffer.alloc(SIZE, 'abcdefghijklmnopqrstuvwxyz0123456789');

function makeFile(scope: Scope, bytes = BYTES): string {
  const path = join(tempDir(scope), 'file.bin');
  writeFileSync(path, bytes);
  return path;
}

test('a client that reads slowly keeps its file, and no worker', async (t) => {
  const path = makeFile(t);
  const server = await startServer(t, FLAGS);
  const slow = await Promise.all(Array.from({ length: 3 }, () => connect(t, server)));
  for (const client of slow) {
    client.send(`/length?${path}`);
    assert.equal((await client.responseHead()).status, 200);
  }
  assert.equal((await fetchOnce(server.address('http-socket'), '/pid')).status, 200, 'the only worker is free');
  assert.equal(server.lines(/closed the file/).length, 3, 'and has closed the files');
  for (const client of slow) assert.ok((await client.stream.readExactly(SIZE)).equals(BYTES));
  assert.equal((await slow[0]?.request('/pid'))?.status, 200, 'the connection goes on');
  assert.match(server.log, /GET \/length\S* => generated 20971520 bytes in \d+ msecs via offload\(\) \(HTTP\/1\.1 200\)/);
});

describe('a file arrives as it is', () => {
  for (const { what, url, body, via } of [
    { what: 'taken over', url: '/whole', body: BYTES, via: 'offload' },
    { what: 'from its middle, and no more than was said', url: '/middle', body: BYTES.subarray(1_000_000, 2_000_000), via: 'offload' },
    { what: 'although it lost its name', url: '/unlinked', body: BYTES, via: 'sendfile' },
    { what: 'although another took its name', url: '/replaced', body: BYTES, via: 'sendfile' },
  ]) {
    test(what, async (t) => {
      const path = makeFile(t);
      writeFileSync(`${path}.new`, Buffer.alloc(SIZE));
      const server = await startServer(t, FLAGS);
      const response = await fetchOnce(server.address('http-socket'), `${url}?${path}`);
      assert.equal(response.status, 200);
      assert.ok(response.body.equals(body));
      await server.line(new RegExp(`via ${via}\\(\\)`));
    });
  }

  test('although it is small', async (t) => {
    const path = makeFile(t, BYTES.subarray(0, 1000));
    const server = await startServer(t, FLAGS);
    assert.ok((await fetchOnce(server.address('http-socket'), `/whole?${path}`)).body.equals(BYTES.subarray(0, 1000)));
    await server.line(/generated 1000 bytes in \d+ msecs via sendfile\(\)/);
  });

  test('to several clients at once, with requests sent ahead', async (t) => {
    const path = makeFile(t, BYTES.subarray(0, MIB));
    const server = await startServer(t, `${FLAGS} --prefetch 16`);
    const clients = await Promise.all(Array.from({ length: 12 }, () => connect(t, server)));
    for (const client of clients) for (const url of ['/whole', '/pid', '/unnamed', '/length']) client.send(`${url}?${path}`);
    for (const client of clients) {
      const [first, second, third, fourth] = [
        await client.response(),
        await client.response(),
        await client.response(),
        await client.response(),
      ];
      for (const { body } of [first, third, fourth]) assert.ok(body.equals(BYTES.subarray(0, MIB)));
      assert.match(second.text, /^\d+$/);
    }
  });

  for (const [what, { option, door, pass }] of Object.entries({
    'nginx and the uwsgi protocol': { option: 'socket', door: 'uwsgi', pass: uwsgiPass },
    FastCGI: {
      option: 'fastcgi-socket',
      door: 'fastcgi-socket',
      pass: (to: Address) => fastcgiPass(to, 'fastcgi_param PATH_INFO $document_uri;'),
    },
    SCGI: { option: 'scgi-socket', door: 'scgi-socket', pass: (to: Address) => scgiPass(to, 'scgi_param PATH_INFO $document_uri;') },
  } as const)) {
    test(`over ${what}`, { skip: requires('nginx-light') }, async (t) => {
      const path = makeFile(t);
      const server = await startServer(t, `-M -p 1 --${option} 127.0.0.1:0 --wsgi-file sent-file.py --direct-socket=false`);
      const { address } = await startNginx(t, { server: pass(server.address(door)) });
      assert.ok((await fetchOnce(address, `/length?${path}`)).body.equals(BYTES));
      await server.line(/via offload\(\)/);
    });
  }

  test('from a worker itself, where the gateway has no part in it', async (t) => {
    const path = makeFile(t);
    const server = await startServer(t, '-M -p 1 --socket 127.0.0.1:0 --wsgi-file sent-file.py');
    const { address } = await startNginx(t, { server: uwsgiPass(server.address('uwsgi')) });
    assert.ok((await fetchOnce(address, `/length?${path}`)).body.equals(BYTES));
    await server.line(/via sendfile\(\)/);
  });
});

test('a file that the application names in X-Sendfile goes out from the folder that may be named, and from no other', async (t) => {
  const path = makeFile(t);
  const other = makeFile(t);
  const server = await startServer(t, `${FLAGS} --x-sendfile ${dirname(path)}`);
  const address = server.address('http-socket');
  const response = await fetchOnce(address, `/named?${path}`);
  assert.ok(response.body.equals(BYTES));
  assert.deepEqual([response.header('x-sendfile'), response.header('content-length')], [undefined, String(SIZE)]);
  await server.line(/GET \/named\S* => generated 20971520 bytes in \d+ msecs via offload\(\)/);
  assert.equal((await fetchOnce(address, `/named?${other}`)).status, 500);
  await server.line(/X-Sendfile: \S+ is below no folder of x-sendfile/);
});

describe('a file that was taken over', () => {
  test('is closed when its client leaves', async (t) => {
    const path = makeFile(t);
    const server = await startServer(t, FLAGS);
    for (let round = 0; round < 5; round++) {
      const client = await connect(t, server);
      client.send(`/length?${path}`);
      await client.responseHead();
      await eventually('only the gateway has it', () => openFiles(server.pid, path).length === 1);
      client.close();
      await eventually('nobody has it', () => openFiles(server.pid, path).length === 0);
    }
    assert.equal((await fetchOnce(server.address('http-socket'), '/pid')).status, 200);
  });

  test('arrives although its worker dies meanwhile', async (t) => {
    const path = makeFile(t);
    const server = await startServer(t, FLAGS);
    const client = await connect(t, server);
    client.send(`/length?${path}`);
    await client.responseHead();
    await server.line(/closed the file/);
    process.kill(server.workerPid(1), 'SIGKILL');
    assert.ok((await client.stream.readExactly(SIZE)).equals(BYTES));
  });

  test('arrives although the server reloads meanwhile', async (t) => {
    const path = makeFile(t);
    const server = await startServer(t, FLAGS);
    const client = await connect(t, server);
    const before = (await client.request('/pid')).text;
    client.send(`/length?${path}`);
    await client.responseHead();
    server.signal('SIGHUP');
    await eventually('other workers', async () => (await fetchOnce(server.address('http-socket'), '/pid')).text !== before, 20_000);
    assert.ok((await client.stream.readExactly(SIZE)).equals(BYTES));
  });

  test('ends the connection when it becomes shorter', async (t) => {
    const path = makeFile(t);
    const server = await startServer(t, FLAGS);
    const client = await connect(t, server);
    client.send(`/length?${path}`);
    await client.responseHead();
    await server.line(/closed the file/);
    truncateSync(path, 1);
    await assert.rejects(client.stream.readExactly(SIZE), ConnectionLost);
    await server.line(/file\.bin: became shorter while it was sent/);
  });

  test('is sent as it was, when another takes its name', async (t) => {
    const path = makeFile(t);
    const server = await startServer(t, FLAGS);
    const client = await connect(t, server);
    client.send(`/length?${path}`);
    await client.responseHead();
    await server.line(/closed the file/);
    writeFileSync(`${path}.new`, 'new');
    renameSync(`${path}.new`, path);
    assert.ok((await client.stream.readExactly(SIZE)).equals(BYTES));
  });
});

async function connect(scope: Scope, server: Server): Promise<HttpConnection> {
  const client = await HttpConnection.open(server.address('http-socket'));
  onEnd(scope, () => client.close());
  return client;
}

/** The processes of the server that have this file open. */
function openFiles(master: number, path: string): readonly number[] {
  return treeOf(master)
    .map(({ pid }) => pid)
    .filter((pid) => descriptorsOf(pid).includes(path));
}

function descriptorsOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).map((fd) => {
    try {
      return readlinkSync(join(folder, fd));
    } catch {
      // Closed between two looks.
      return '';
    }
  });
}
