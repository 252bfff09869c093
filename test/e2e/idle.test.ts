/** cheap, idle, die-on-idle: a server without workers, whose next request brings them back, by whichever door it comes. */
import assert from 'node:assert/strict';
import { closeSync, constants, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Address } from '../helpers/address.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { startLoad } from '../helpers/load.ts';
import { allGone } from '../helpers/processes.ts';
import { runServer, startServer, type Server } from '../helpers/server.ts';
import { statsOf } from '../helpers/statistics.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

const DOORS = [
  { door: 'http', flags: '--http 127.0.0.1:0 --stats 127.0.0.1:0', ask: (address: Address, path: string) => fetchOnce(address, path) },
  {
    door: 'uwsgi',
    flags: '--socket 127.0.0.1:0 --stats 127.0.0.1:0',
    ask: (address: Address, path: string) => uwsgiRequest(address, path),
  },
] as const;

const ASLEEP = /: asleep: /;
const AWAKE = /awake after [\d.]+ s/;

for (const { door, flags, ask } of DOORS) {
  // At the same time: they mostly wait.
  describe(`at the ${door} door`, { concurrency: 3 }, () => {
    test('cheap: nothing is imported before the first requests, and all of those are served', async (t) => {
      const server = await startServer(t, `${flags} --cheap -p 2 --wsgi-file pid.py`);
      assert.match(server.log, /ready: 0 workers, the first request starts them/);
      assert.deepEqual(await statuses(server), ['cheap', 'cheap']);
      assert.deepEqual([server.lines(/application pid\.py/).length, server.lines(/serving/).length], [0, 0]);
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(server.address(door), '/')));
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      await server.line(/worker 2 \(pid \d+\) serving/);
      // The last of them notes that it is free once its answer has left.
      await eventually('both are idle', async () => isDeepStrictEqual(await statuses(server), ['idle', 'idle']));
      assert.equal(server.lines(/application pid\.py .* loaded/).length, 1);
    });

    test('idle: the workers and who imported the application are gone after a while, and the next request brings new ones', async (t) => {
      const server = await startServer(t, `${flags} --idle 1 -p 2 --wsgi-file pid.py`);
      const before = [spawnerPid(server), server.workerPid(1), server.workerPid(2)];
      await ask(server.address(door), '/');
      await server.line(/no request for 1 s: asleep: /);
      await allGone(before, 5000);
      assert.deepEqual(await statuses(server), ['cheap', 'cheap']);
      const { text } = await ask(server.address(door), '/');
      assert.equal(before.includes(parseInt(text, 10)), false);
    });

    test('idle does not come over a request that runs', async (t) => {
      const server = await startServer(t, `${flags} --idle 1 --wsgi-file sleep.py`);
      assert.equal((await ask(server.address(door), '/?2.5')).status, 200);
      assert.deepEqual(server.lines(ASLEEP), []);
    });

    test('going cheap over and over under load loses nothing', async (t) => {
      const { server, order } = await withFifo(t, `${flags} -p 2 --wsgi-file sleep.py -L`);
      const load = startLoad(t, server.address(door), { clients: 6, path: '/?0.01', speak: door });
      for (let nth = 1; nth <= 6; nth++) {
        await load.more(20);
        order('C');
        await server.line(ASLEEP, nth);
        await server.line(AWAKE, nth);
      }
      await load.more(20);
      assert.deepEqual((await load.stop()).lost, {});
    });

    test('load that stops and goes on loses nothing', async (t) => {
      const server = await startServer(t, `${flags} --cheap --idle 1 -p 2 --wsgi-file hello.py -L`);
      for (let nth = 1; nth <= 2; nth++) {
        const load = startLoad(t, server.address(door), { clients: 8, speak: door });
        await load.more(300);
        assert.deepEqual((await load.stop()).lost, {});
        await server.line(ASLEEP, nth);
      }
    });

    test('what runs when the server goes cheap is finished, and who comes meanwhile need not wait for it', async (t) => {
      const { server, order } = await withFifo(t, `${flags} --wsgi-file sleep.py`);
      const slow = ask(server.address(door), '/slow?1.5');
      await server.line(/^began \/slow/);
      order('C');
      await server.line(ASLEEP);
      assert.equal((await ask(server.address(door), '/quick')).status, 200);
      assert.deepEqual(server.lines(/^done \/slow/), []);
      assert.equal((await slow).text, 'done');
    });

    test('a server that cannot wake up answers 503, says why, and wakes up once it can', async (t) => {
      const { path, write } = application(t);
      const server = await startServer(t, `${flags} --cheap --wsgi-file ${path}`);
      write('raise RuntimeError("broken on purpose")\n');
      const answers = await Promise.all([1, 2, 3].map(() => ask(server.address(door), '/')));
      assert.deepEqual(
        answers.map((answer) => [answer.status, answer.header('retry-after')]),
        answers.map(() => [503, '1']),
      );
      await server.line(/the application could not wake up: .*RuntimeError: broken on purpose/);
      write(SAYING('mended'));
      await eventually('it wakes up', async () => (await ask(server.address(door), '/')).text === 'mended', 15_000);
    });

    test('with lazy-apps the workers do the importing, and a broken one is told in the same way', async (t) => {
      const { path, write } = application(t);
      const server = await startServer(t, `${flags} --cheap --lazy-apps -p 2 --wsgi-file ${path}`);
      write('raise RuntimeError("broken on purpose")\n');
      assert.equal((await ask(server.address(door), '/')).status, 503);
      write(SAYING('mended'));
      await eventually('it wakes up', async () => (await ask(server.address(door), '/')).text === 'mended', 15_000);
    });

    test('a pause holds for a server that sleeps', async (t) => {
      const { server, order } = await withFifo(t, `${flags} --cheap --wsgi-file hello.py`);
      order('p');
      await server.line(/: paused: /);
      const waiting = ask(server.address(door), '/');
      await server.line(AWAKE);
      const [worker] = (await statsOf(server.address('stats'))).workers;
      assert.deepEqual([worker?.status, worker?.requests], ['pause', 0]);
      order('p');
      assert.equal((await waiting).status, 200);
    });

    test('die-on-idle ends the server with status 0', async (t) => {
      const server = await startServer(t, `${flags} --idle 1 --die-on-idle -p 2 --wsgi-file hello.py`);
      assert.equal((await ask(server.address(door), '/')).status, 200);
      assert.deepEqual(await server.finished(), { status: 0, signal: null });
      assert.match(server.log, /no request for 1 s: stopping after what is in flight/);
    });
  });
}

test('whoever looks at the direct doors of a sleeping server is replaced when it dies', async (t) => {
  const server = await startServer(t, '--socket 127.0.0.1:0 --cheap --wsgi-file hello.py');
  process.kill(spawnerPid(server), 'SIGKILL');
  await server.line(/ended by SIGKILL: starting it again, the application sleeps on/);
  assert.equal((await uwsgiRequest(server.address('uwsgi'), '/')).status, 200);
});

test('a server without direct doors sleeps without a Python process', async (t) => {
  const server = await startServer(t, '--http 127.0.0.1:0 --cheap --wsgi-file hello.py');
  assert.deepEqual(server.lines(/^python /), []);
  assert.equal((await fetchOnce(server.address('http'), '/')).status, 200);
});

test('a server with both doors wakes up for either', async (t) => {
  const { server, order } = await withFifo(t, '--http 127.0.0.1:0 --socket 127.0.0.1:0 --cheap -p 2 --wsgi-file hello.py');
  assert.equal((await uwsgiRequest(server.address('uwsgi'), '/')).status, 200);
  await server.line(AWAKE);
  order('C');
  await server.line(ASLEEP);
  assert.equal((await fetchOnce(server.address('http'), '/')).status, 200);
});

describe('a server that sleeps', () => {
  test('wakes up with the workers that scale asks for', async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 --cheap --wsgi-file hello.py');
    const { stdout } = await runServer(t, `scale 2 ${server.pid}`);
    assert.equal(stdout, '2 workers are wanted instead of 1\n');
    await server.line(/worker 2 \(pid \d+\) serving/);
    await server.line(/worker 1 \(pid \d+\) serving/);
  });

  test('wakes up with cheaper-initial workers, and no more are started while it sleeps', async (t) => {
    const words = '--http 127.0.0.1:0 --idle 2 -p 4 --cheaper 1 --cheaper-initial 2 --cheaper-overload 1 --wsgi-file hello.py';
    const server = await startServer(t, words);
    await server.line(/cheaper: 1 instead of 2 workers/);
    await server.line(ASLEEP);
    await fetchOnce(server.address('http'), '/');
    await server.line(/worker 2 \(pid \d+\) serving/, 2);
    assert.deepEqual(server.lines(/worker [34] .*serving|cheaper: [234] instead/), []);
  });

  test('sleeps on through a reload, which reads the configuration', async (t) => {
    const path = join(tempDir(t), 'app.ini');
    const write = (more: string): void => {
      writeFileSync(
        path,
        `[uwsgi]\nhttp = 127.0.0.1:0\nsocket = 127.0.0.1:0\nstats = 127.0.0.1:0\ncheap = true\nwsgi-file = hello.py\n${more}`,
      );
    };
    write('');
    const server = await startServer(t, path);
    write('processes = 2\n');
    assert.equal((await runServer(t, `reload ${server.pid}`)).stdout, 'reloaded: asleep, the next request starts the new code\n');
    assert.deepEqual(await statuses(server), ['cheap', 'cheap']);
    write('processes = none\n');
    const { status, stderr } = await runServer(t, `reload ${server.pid}`);
    assert.equal(status, 1);
    assert.match(stderr, /the reload failed.*"processes" takes a whole number from 1/s);
    assert.equal((await uwsgiRequest(server.address('uwsgi'), '/')).status, 200);
    await server.line(/worker 2 \(pid \d+\) serving/);
  });

  test('wakes up for an address that a reload has added, also where that takes a gateway', async (t) => {
    const path = join(tempDir(t), 'app.ini');
    const write = (address: string): void => writeFileSync(path, `[uwsgi]\n${address}\ncheap = true\nwsgi-file = hello.py\n`);
    write('socket = 127.0.0.1:0');
    const server = await startServer(t, path);
    write('http-socket = 127.0.0.1:0');
    await runServer(t, `reload ${server.pid}`);
    await server.line(/http-socket on 127\.0\.0\.1:\d+/);
    assert.equal((await fetchOnce(server.address('http-socket'), '/')).status, 200);
    await server.line(AWAKE);
  });

  test('serves who asked a gateway that died', async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 --cheap --wsgi-file hello.py');
    process.kill(Number(server.lines(/gateway \(pid (\d+)\)/)[0]?.[1]), 'SIGKILL');
    await server.line(/the gateway ended .*: starting it again/);
    assert.equal((await fetchOnce(server.address('http'), '/')).status, 200);
  });

  test('that is told to stop while it wakes up answers 503 and ends', async (t) => {
    const { path, write } = application(t);
    write('import time\nprint("importing", flush=True)\ntime.sleep(60)\n');
    const server = await startServer(t, `--http 127.0.0.1:0 --cheap --wsgi-file ${path}`);
    const waiting = fetchOnce(server.address('http'), '/');
    await server.line(/^importing/);
    server.signal('SIGTERM');
    assert.equal((await waiting).status, 503);
    assert.deepEqual(await server.finished(), { status: 0, signal: null });
  });

  test('wakes up with the code that is there by then', async (t) => {
    const { path, write } = application(t);
    const server = await startServer(t, `--http 127.0.0.1:0 --cheap --wsgi-file ${path}`);
    write(SAYING('later'));
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'later');
  });
});

/** What the statistics say of each worker. */
const statuses = async (server: Server): Promise<readonly string[]> =>
  (await statsOf(server.address('stats'))).workers.map(({ status }) => status);

/** The process from which the newest workers come, or will. */
function spawnerPid(server: Server): number {
  return Number(server.lines(/^python \S+, \S+ \(pid (\d+)\)/).at(-1)?.[1]);
}

/** A server, and how to give it an order by its FIFO. */
async function withFifo(t: TestContext, words: string): Promise<{ server: Server; order: (character: string) => void }> {
  const fifo = join(tempDir(t), 'fifo');
  const server = await startServer(t, `${words} --master-fifo ${fifo}`);
  const order = (character: string): void => {
    const fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(fd, character);
    closeSync(fd);
  };
  return { server, order };
}

const SAYING = (text: string): string =>
  `def application(environ, start_response):\n    start_response('200 OK', [('Content-Length', '${text.length}')])\n    return [b'${text}']\n`;

/** A file for an application that a test writes. */
function application(t: TestContext): { path: string; write: (text: string) => void } {
  const path = join(tempDir(t), 'app.py');
  const write = (text: string): void => writeFileSync(path, text);
  write(SAYING('first'));
  return { path, write };
}
