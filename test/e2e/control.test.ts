/** What an operator asks a running server for: by command, by signal, by FIFO, by uWSGI's own options. */
import assert from 'node:assert/strict';
import { closeSync, constants, existsSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { StatsDocument } from '../../src/core/stats/document.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { isAlive } from '../helpers/processes.ts';
import { runServer, startServer, type Outcome, type Server } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

/** Runs a command, to be told about this server. */
const command = (t: TestContext, server: Server, words: string): Promise<Outcome> => runServer(t, `${words} ${server.pid}`);

describe('tsuwsgi reload', () => {
  test('returns when the new code serves', async (t) => {
    const { server, write } = await serve(t);
    write('two');
    const { status, stdout } = await command(t, server, 'reload');
    assert.deepEqual([status, stdout], [0, 'reloaded: 2 new workers serve\n']);
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'two');
  });

  test('tells why it failed, and the old code goes on', async (t) => {
    const { server, writeText } = await serve(t);
    writeText('raise RuntimeError("broken on purpose")\n');
    const { status, stderr } = await command(t, server, 'reload');
    assert.equal(status, 1);
    assert.match(stderr, /the reload failed, the old workers go on serving: .*RuntimeError: broken on purpose/);
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'one');
  });
});

describe('tsuwsgi reload --chain', () => {
  test('lets a worker import the application when the one before it serves', async (t) => {
    const { server, writeText } = await serve(t, '--lazy-apps');
    writeText(`print("imports", flush=True)\n${VERSIONED('one')}`);
    const before = server.log.length;
    const { stdout } = await command(t, server, 'reload --chain');
    assert.equal(stdout, 'reloaded one by one: 2 new workers serve\n');
    const steps = server.log.slice(before).match(/imports|worker \d(?= \(pid \d+\) serving)/g);
    assert.deepEqual(steps, ['imports', 'worker 1', 'imports', 'worker 2']);
  });

  test('changes nothing when the new code is broken', async (t) => {
    const { server, writeText } = await serve(t, '--lazy-apps');
    const old = [server.workerPid(1), server.workerPid(2)];
    writeText('raise RuntimeError("broken on purpose")\n');
    const { status, stderr } = await command(t, server, 'reload --chain');
    assert.equal(status, 1);
    assert.match(stderr, /the reload failed, the old workers go on serving/);
    assert.ok(old.every(isAlive));
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'one');
  });
});

describe('tsuwsgi stop', () => {
  test('returns when what was in flight is answered and the server is gone', async (t) => {
    const { server } = await serve(t);
    const slow = fetchOnce(server.address('http'), '/?0.5');
    await server.line(/^began/);
    const { status, stdout } = await command(t, server, 'stop');
    assert.deepEqual([status, stdout], [0, 'stopped\n']);
    assert.equal((await slow).text, 'one');
    assert.deepEqual(await server.finished(), { status: 0, signal: null });
  });

  test('--now does not wait', async (t) => {
    const { server } = await serve(t);
    // Its worker or its gateway ends first: a 502, or no answer at all.
    const slow = fetchOnce(server.address('http'), '/?60').then(
      ({ status }) => status,
      () => 502,
    );
    await server.line(/^began/);
    assert.equal((await command(t, server, 'stop --now')).status, 0);
    assert.equal(await slow, 502);
    await server.finished();
  });
});

// At the same time: they mostly wait.
describe('a pause', { concurrency: 2 }, () => {
  for (const door of ['http', 'uwsgi'] as const) {
    test(`over ${door} lets what runs be finished, holds the rest, and loses nothing`, async (t) => {
      const { server } = await serve(t);
      const ask = async (path: string): Promise<string> => {
        if (door === 'http') return (await fetchOnce(server.address('http'), path)).text;
        return (await uwsgiRequest(server.address('uwsgi'), path)).text;
      };
      const running = ask('/?0.5');
      await server.line(/^began/);
      await command(t, server, 'pause');
      assert.equal(await running, 'one');
      let isAnswered = false;
      const waiting = ask('/').finally(() => (isAnswered = true));
      assert.deepEqual(await statuses(t, server), ['pause', 'pause']);
      assert.equal(isAnswered, false);
      await command(t, server, 'resume');
      assert.equal(await waiting, 'one');
      assert.deepEqual(await statuses(t, server), ['idle', 'idle']);
    });
  }

  test('outlasts a reload', async (t) => {
    const { server, write } = await serve(t);
    await command(t, server, 'pause');
    const waiting = [fetchOnce(server.address('http'), '/'), uwsgiRequest(server.address('uwsgi'), '/')];
    write('two');
    await command(t, server, 'reload');
    assert.deepEqual(await statuses(t, server), ['pause', 'pause']);
    await command(t, server, 'resume');
    assert.deepEqual(
      (await Promise.all(waiting)).map(({ text }) => text),
      ['two', 'two'],
    );
  });

  test('ends with a graceful stop: what waited is answered', async (t) => {
    const { server } = await serve(t);
    await command(t, server, 'pause');
    const waiting = fetchOnce(server.address('http'), '/');
    await eventually('it waits', async () => (await stats(t, server)).listen_queue === 1);
    server.signal('SIGTERM');
    assert.equal((await waiting).text, 'one');
    await server.finished();
  });

  test('begins and ends with SIGTSTP', async (t) => {
    const { server } = await serve(t);
    server.signal('SIGTSTP');
    await server.line(/SIGTSTP: paused/);
    server.signal('SIGTSTP');
    await server.line(/SIGTSTP: resumed/);
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'one');
  });
});

test('tsuwsgi scale changes the number of workers, up and down', async (t) => {
  const { server } = await serve(t);
  assert.equal((await command(t, server, 'scale 3')).stdout, '3 workers are wanted instead of 2\n');
  await server.line(/worker 3 \(pid \d+\) serving/);
  const third = server.workerPid(3);
  assert.equal((await command(t, server, 'scale 1')).stdout, '1 worker is wanted instead of 3\n');
  await eventually('the third worker is gone', () => !isAlive(third));
  assert.equal((await fetchOnce(server.address('http'), '/')).text, 'one');
});

for (const workers of ['0', 'many', '1e9x'])
  test(`tsuwsgi scale ${workers} says what it takes`, async (t) => {
    const { status, stderr } = await runServer(t, `scale ${workers}`);
    assert.notEqual(status, 0);
    assert.match(stderr, new RegExp(`WORKERS takes a whole number from 1, not "${workers}"`));
    assert.doesNotMatch(stderr, /^\s+at /m);
  });

test('tsuwsgi stack shows where the application is, without disturbing it', async (t) => {
  const { server } = await serve(t);
  const slow = fetchOnce(server.address('http'), '/?2');
  await server.line(/^began/);
  const { status, stdout } = await command(t, server, 'stack');
  assert.equal(status, 0);
  assert.match(stdout, /^worker 1 \(pid \d+\):\n/);
  assert.match(stdout, /File "app\.py", line 7, in application\n\s+time\.sleep/);
  assert.equal((await slow).text, 'one');
  assert.match((await command(t, server, 'stack 9')).stderr, /there is no worker 9/);
});

describe('a signal', () => {
  test('SIGUSR1 puts the statistics into the log', async (t) => {
    const { server } = await serve(t);
    await fetchOnce(server.address('http'), '/');
    // A worker counts a request when it has answered, and the client may have read the answer before.
    await eventually('the request is counted', async () => (await stats(t, server)).workers.some(({ requests }) => requests === 1));
    server.signal('SIGUSR1');
    await server.line(/statistics: 1 requests, 2 workers/);
    await server.line(/in the last [\d.]+ s .*; [1-9]\d* MB of memory$/);
    await server.line(/worker 2 \(pid \d+\) idle: /);
  });

  test('SIGUSR2 puts the stacks of all workers into the log', async (t) => {
    const { server } = await serve(t);
    server.signal('SIGUSR2');
    await server.line(/^worker 2 \(pid \d+\):$/);
    await server.line(/uWSGIWorker2Core0: waits for a request/);
  });

  for (const name of ['SIGWINCH', 'SIGURG', 'SIGCONT', 'SIGPIPE'] as const) {
    test(`${name} does nothing`, async (t) => {
      const { server } = await serve(t);
      server.signal(name);
      assert.equal((await fetchOnce(server.address('http'), '/')).text, 'one');
    });
  }
});

describe('--master-fifo', () => {
  test('takes orders for as long as the server lives, and vacuum removes it', async (t) => {
    const folder = tempDir(t);
    const fifo = join(folder, 'fifo');
    const { server, write } = await serve(t, `--master-fifo ${fifo} --vacuum`);
    assert.equal(statSync(fifo).mode & 0o777, 0o600);
    write('two');
    order(fifo, 'r');
    await server.line(/reloaded: 2 new workers serve/);
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'two');
    order(fifo, 'z+s');
    await server.line(/"z" from .*: no such command/);
    await server.line(/3 workers are wanted instead of 2/);
    await server.line(/statistics: /);
    order(fifo, 'q');
    assert.deepEqual(await server.finished(), { status: 0, signal: null });
    assert.equal(existsSync(fifo), false);
  });

  test('P writes the pid file anew', async (t) => {
    const folder = tempDir(t);
    const [fifo, pidFile] = [join(folder, 'fifo'), join(folder, 'pid')];
    const { server } = await serve(t, `--master-fifo ${fifo} --pidfile ${pidFile}`);
    writeFileSync(pidFile, 'lost');
    order(fifo, 'P');
    await server.line(/wrote .*\/pid/);
    assert.equal(readFileSync(pidFile, 'utf8'), `${server.pid}\n`);
  });
});

describe("uWSGI's own options", () => {
  test('--reload, --pause, --resume and --stop take a pid file, and say nothing', async (t) => {
    const pidFile = join(tempDir(t), 'pid');
    const { server, write } = await serve(t, `--pidfile ${pidFile}`);
    write('two');
    const quiet = async (option: string): Promise<void> => {
      const { status, output } = await runServer(t, `${option} ${pidFile}`);
      assert.deepEqual([status, output], [0, '']);
    };
    await quiet('--reload');
    await server.line(/reloaded: /);
    await quiet('--pause');
    await quiet('--pause');
    assert.deepEqual(await statuses(t, server), ['pause', 'pause']);
    await quiet('--resume');
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'two');
    await quiet('--stop');
    await server.line(/SIGINT: stopping at once/);
    await server.finished();
  });

  for (const { title, content, expected, exit } of [
    { title: 'an empty pid file, which would mean our own process group', content: '', expected: /the file is empty/, exit: 1 },
    { title: 'the pid 0', content: '0\n', expected: /0 is no pid of a server/, exit: 1 },
    { title: 'the pid of something else', content: `${process.pid}\n`, expected: /is no tsuwsgi server/, exit: 1 },
    { title: 'a pid file that was left behind', content: '4194304\n', expected: /there is no process 4194304 any more/, exit: 255 },
  ]) {
    test(`--stop refuses ${title}`, async (t) => {
      const { status, stderr } = await runServer(t, `--stop ${join(tempDir(t, { pid: content }), 'pid')}`);
      assert.equal(status, exit);
      assert.match(stderr, expected);
    });
  }
});

/** As a shell's `echo` does it, but where nobody listens it fails instead of waiting. */
function order(fifo: string, characters: string): void {
  const fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  writeSync(fd, characters);
  closeSync(fd);
}

const VERSIONED = (version: string) => `import time

def application(environ, start_response):
    seconds = environ["QUERY_STRING"]
    if seconds:
        print("began", flush=True)
        time.sleep(float(seconds))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"${version}"]
`;

interface Versioned {
  readonly server: Server;
  /** Puts a new version of the application in place. */
  readonly write: (version: string) => void;
  readonly writeText: (text: string) => void;
}

/** A server with two workers and both doors, whose application says "one". */
async function serve(t: TestContext, flags = ''): Promise<Versioned> {
  const cwd = tempDir(t, { 'app.py': VERSIONED('one') });
  const server = await startServer(t, `--http 127.0.0.1:0 --socket 127.0.0.1:0 -M -p 2 -L --wsgi-file app.py ${flags}`, { cwd });
  const writeText = (text: string): void => writeFileSync(join(cwd, 'app.py'), text);
  return { server, writeText, write: (version) => writeText(VERSIONED(version)) };
}

async function stats(t: TestContext, server: Server): Promise<StatsDocument> {
  return JSON.parse((await command(t, server, 'stats')).stdout) as StatsDocument;
}

async function statuses(t: TestContext, server: Server): Promise<string[]> {
  return (await stats(t, server)).workers.map(({ status }) => status);
}
