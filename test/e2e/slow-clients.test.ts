/** Clients that are slow, silent or many: each one is let go in time, and nobody else notices them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { ByteStream } from '../helpers/byte-stream.ts';
import { within } from '../helpers/eventually.ts';
import { exchange, HttpConnection, parseResponse } from '../helpers/http.ts';
import { connect, doorOf, gatewayPid, opening } from '../helpers/large-bodies.ts';
import { startLoad } from '../helpers/load.ts';
import { PYTHON, ROOT } from '../helpers/paths.ts';
import { limitOf, rssKib } from '../helpers/processes.ts';
import { onEnd, type Scope } from '../helpers/scope.ts';
import { startServer } from '../helpers/server.ts';
import { uwsgiMessage } from '../helpers/uwsgi-client.ts';

const DROP_MS = 50;
const IDLE = 10_000;
const SLOW = 1000;
const CROWD_DEADLINE_MS = 50_000;

// At the same time: they mostly wait.
describe('time is up', { concurrency: 3 }, () => {
  for (const { what, flags } of [
    { what: 'http-headers-timeout', flags: '--http-headers-timeout 1' },
    { what: 'http-timeout', flags: '--http-timeout 1' },
  ]) {
    test(`for a head that comes drop by drop (${what})`, async (t) => {
      const server = await startServer(t, `--http-socket 127.0.0.1:0 ${flags} -M -p 1 --wsgi-file hello.py`);
      const stream = await connect(t, server.address('http-socket'));
      stream.write('GET / HTTP/1.1\r\nX: ');
      drip(t, stream);
      assert.equal(parseResponse(await stream.readToEnd()).status, 408);
    });
  }

  for (const protocol of ['http', 'scgi'] as const) {
    test(`for a body that comes drop by drop (${protocol})`, async (t) => {
      const { option, door } = doorOf(protocol);
      const server = await startServer(t, `--${option} 127.0.0.1:0 --http-timeout 1 --socket-timeout 1 -M -p 1 --wsgi-file digest.py`);
      const stream = await connect(t, server.address(door));
      stream.write(opening(protocol, '/', 100_000));
      drip(t, stream);
      assert.match((await stream.readToEnd()).toString('latin1'), /^\S+ 408 /);
      assert.deepEqual(server.lines(/^began/), []);
    });
  }

  test('for a packet that comes drop by drop at the direct door (socket-timeout)', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 --socket-timeout 1 -M -p 1 --wsgi-file hello.py');
    const stream = await connect(t, server.address('uwsgi'));
    stream.write(uwsgiMessage('/').subarray(0, 50));
    assert.equal((await stream.readToEnd()).length, 0);
    assert.match((await exchange(server.address('uwsgi'), uwsgiMessage('/'))).toString(), /Hello World!$/);
  });

  test('for a connection between two requests (http-keepalive)', async (t) => {
    const server = await startServer(t, '--http-socket 127.0.0.1:0 --http-keepalive=2 -M -p 1 --wsgi-file hello.py');
    const client = await HttpConnection.open(server.address('http-socket'));
    assert.equal((await client.request('/')).status, 200);
    const began = performance.now();
    assert.equal((await client.stream.readToEnd()).length, 0);
    const took = performance.now() - began;
    assert.ok(took > 1500 && took < 6000, `${took} ms`);
    client.close();
  });
});

for (const { option, door } of [doorOf('http'), doorOf('uwsgi')]) {
  test(`so-keepalive has the kernel ask silent clients (${option})`, { skip: process.platform !== 'linux' }, async (t) => {
    const server = await startServer(t, `--${option} 127.0.0.1:0 --so-keepalive -M -p 1 --wsgi-file sleep.py`);
    const address = server.address(door);
    const stream = await connect(t, address);
    stream.write(door === 'uwsgi' ? uwsgiMessage('/?0.7') : 'GET /?0.7 HTTP/1.1\r\nHost: a\r\n\r\n');
    await server.line(/^began/);
    assert.equal(timerOf(address, stream), 'keepalive');
  });
}

test('max-connections bounds them: silent ones make room, who is being served stays', async (t) => {
  const server = await startServer(t, '--http-socket 127.0.0.1:0 --max-connections 3 -M -p 1 --wsgi-file sleep.py');
  const address = server.address('http-socket');
  const served = await HttpConnection.open(address);
  onEnd(t, () => served.close());
  const running = served.request('/?0.5');
  await server.line(/^began/);
  const silent = [await connect(t, address), await connect(t, address)];
  const asking = await HttpConnection.open(address);
  onEnd(t, () => asking.close());
  assert.equal((await asking.request('/?0')).status, 200);
  assert.equal((await running).status, 200);
  assert.equal((await silent[0]?.readToEnd())?.length, 0, 'who was silent for longest had to go');
  await server.line(/closed to make room, silent ones first: 1 \(max-connections is 3\)/);
});

const FILES = Number(limitOf(process.pid, 'Max open files'));

test(
  `${IDLE} idle connections and ${SLOW} slow uploads: nobody else is harmed`,
  { skip: FILES < 2 * IDLE && `ulimit -n is ${FILES}; ${2 * IDLE} are needed` },
  async (t) => {
    const server = await startServer(t, '--http-socket 127.0.0.1:0 --listen 1000 -M -p 2 --wsgi-file hello.py -L');
    const address = server.address('http-socket');
    const gateway = gatewayPid(server) ?? 0;
    const before = rssKib(gateway);
    const crowd = startCrowd(t, address);
    assert.equal(await crowd.line(), `there: ${IDLE} answered, ${SLOW} slow`);
    const load = startLoad(t, address, { clients: 4 });
    await load.good(500, CROWD_DEADLINE_MS);
    const { lost, total } = await load.stop();
    const began = performance.now();
    for (let nth = 0; nth < 20; nth++) assert.equal((await exchange(address, 'GET / HTTP/1.0\r\n\r\n')).toString('latin1', 9, 12), '200');
    const took = (performance.now() - began) / 20;
    crowd.end();
    assert.equal(await crowd.line(), `end: ${IDLE} answered again, ${SLOW} still slow`);
    assert.deepEqual(lost, {}, `of ${total}`);
    assert.ok(took < 250, `${took} ms for a request`);
    // 64 MB are for bodies, and a connection that is idle has no more than its sockets take.
    const kibEach = (rssKib(gateway) - before - 64 * 1024) / (IDLE + SLOW);
    t.diagnostic(`${String(Math.round((rssKib(gateway) - before) / 1024))} MB more; ${took.toFixed(1)} ms for a request`);
    assert.ok(kibEach < 24, `${kibEach} KiB for each connection`);
  },
);

/** Sends a byte now and then, for as long as the other side takes them. */
function drip(scope: Scope, stream: ByteStream): void {
  const drops = setInterval(() => stream.write('x'), DROP_MS);
  onEnd(scope, () => clearInterval(drops));
}

interface Crowd {
  /** The next thing that it says. */
  line(): Promise<string>;
  end(): void;
}

function startCrowd(scope: Scope, address: Address): Crowd {
  const { host = '', port = 0 } = address as { host?: string; port?: number };
  const script = join(ROOT, 'test/helpers/crowd.py');
  const child = spawn(PYTHON, [script, host, String(port), String(IDLE), String(SLOW)], { stdio: ['pipe', 'pipe', 'inherit'] });
  onEnd(scope, () => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    line: async () => String((await within(CROWD_DEADLINE_MS, 'a word of the crowd', lines.next())).value),
    end: () => void child.stdin.end(),
  };
}

/** What the server's end of a connection waits for in the kernel (proc(5), /proc/net/tcp). */
function timerOf(address: Address, { socket }: ByteStream): string | undefined {
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
  const { port = 0 } = address as { port?: number };
  const pair = new RegExp(`:${hex(port)} \\S+:${hex(socket.localPort ?? 0)} \\S+ \\S+ (\\d\\d):`);
  const found = pair.exec(readFileSync('/proc/net/tcp', 'latin1'))?.[1];
  return found === '02' ? 'keepalive' : found;
}
