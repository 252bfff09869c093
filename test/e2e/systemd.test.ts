/** The server as a service of systemd: what it tells, and what it takes as a sign of life. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { launch, type Child } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { APPS, PYTHON } from '../helpers/paths.ts';
import { launchServer, startServer, type Server, type ServerOptions } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

const SERVE = '--http 127.0.0.1:0 -M -p 2 --wsgi-file app.py';
const APP = `import os
def application(environ, start_response):
    start_response("200 OK", [])
    return [",".join(sorted(name for name in os.environ if name.startswith(("NOTIFY_", "WATCHDOG_")))).encode()]
`;

// At the same time: they mostly wait.
describe('with NOTIFY_SOCKET', { concurrency: 3 }, () => {
  for (const kind of ['a path', 'an abstract name'] as const) {
    test(`systemd is told of the start, a reload and the end (${kind})`, async (t) => {
      const systemd = await startSystemd(t, kind);
      const { server } = await start(t, systemd);
      assert.deepEqual(await systemd.message(0), { STATUS: 'loading the application' });
      assert.deepEqual(await systemd.message(1), {
        READY: '1',
        MAINPID: String(server.pid),
        STATUS: 'serving: 2 workers, 0 busy, 0 requests',
      });
      const before = monotonicUs();
      server.signal('SIGHUP');
      const reloading = await systemd.message(2);
      assert.deepEqual({ ...reloading, MONOTONIC_USEC: '' }, { RELOADING: '1', MONOTONIC_USEC: '', STATUS: 'reloading' });
      const at = Number(reloading['MONOTONIC_USEC']);
      assert.ok(at >= before && at <= monotonicUs(), `${String(at)} is a time of CLOCK_MONOTONIC`);
      assert.equal((await systemd.message(3))['READY'], '1');
      await server.stop('SIGTERM');
      assert.deepEqual(await systemd.message(4), { STOPPING: '1', STATUS: 'finishing what is in flight' });
    });
  }

  test('a reload that fails ends in READY, too', async (t) => {
    const systemd = await startSystemd(t);
    const { server, cwd } = await start(t, systemd);
    writeFileSync(join(cwd, 'app.py'), 'raise RuntimeError("broken on purpose")\n');
    server.signal('SIGHUP');
    await server.line(/the reload failed/);
    assert.equal((await systemd.message(2))['RELOADING'], '1');
    assert.equal((await systemd.message(3))['READY'], '1');
  });

  test('an emperor is ready when it has begun, and its vassals tell nothing', async (t) => {
    const systemd = await startSystemd(t);
    const vassal = `[uwsgi]\nhttp-socket = %done.sock\nwsgi-file = ${join(APPS, 'hello.py')}\n`;
    const cwd = tempDir(t, { 'vassals/one.ini': vassal });
    const emperor = launchServer(t, '--emperor vassals', { cwd, env: { NOTIFY_SOCKET: systemd.socket } });
    assert.deepEqual(await systemd.message(0), { STATUS: 'loading the application' });
    assert.deepEqual(await systemd.message(1), { READY: '1', MAINPID: String(emperor.pid), STATUS: '1 vassal, 0 serving' });
    await emperor.line(/one\.ini: ready after/);
    assert.deepEqual(await systemd.message(2), { STATUS: '1 vassal, 1 serving' });
    await emperor.stop('SIGTERM');
    assert.deepEqual(await systemd.message(3), { STOPPING: '1', STATUS: 'waiting for the vassals to stop' });
  });

  test('drain-delay is STOPPING already', async (t) => {
    const systemd = await startSystemd(t);
    const { server } = await start(t, systemd, { flags: '--drain-delay 60' });
    server.signal('SIGTERM');
    assert.deepEqual(await systemd.message(2), { STOPPING: '1', STATUS: 'draining: 2 workers, 0 busy, 0 requests' });
    await server.stop('SIGTERM');
  });

  test('the status follows what happens', async (t) => {
    const systemd = await startSystemd(t);
    const { server } = await start(t, systemd);
    assert.equal((await systemd.message(1))['READY'], '1');
    await fetchOnce(server.address('http'), '/');
    assert.deepEqual(await systemd.message(2), { STATUS: 'serving: 2 workers, 0 busy, 1 requests' });
  });

  test('without a master it is the same', async (t) => {
    const systemd = await startSystemd(t);
    const { server } = await start(t, systemd, { words: '--http 127.0.0.1:0 --wsgi-file app.py' });
    assert.equal((await systemd.message(1))['MAINPID'], String(server.pid));
    await server.stop('SIGTERM');
    assert.equal((await systemd.message(2))['STOPPING'], '1');
  });

  test('the application sees none of the variables', async (t) => {
    const systemd = await startSystemd(t);
    const { server } = await start(t, systemd, { env: { WATCHDOG_USEC: '9000000' } });
    assert.equal((await fetchOnce(server.address('http'), '/')).text, '');
  });

  test('where nobody listens the server serves all the same, and says so', async (t) => {
    const cwd = tempDir(t, { 'app.py': APP });
    const server = await startServer(t, SERVE, { cwd, env: { NOTIFY_SOCKET: `${cwd}/nobody` } });
    await server.line(/systemd cannot be told at .*nobody: No such file or directory/);
    assert.equal((await fetchOnce(server.address('http'), '/')).status, 200);
  });

  test('the process that tells systemd is replaced when it is killed', async (t) => {
    const systemd = await startSystemd(t);
    const { server } = await start(t, systemd);
    await systemd.message(1);
    process.kill(notifierOf(server), 'SIGKILL');
    await server.line(/the process that tells systemd how the server is ended \(SIGKILL\)/);
    server.signal('SIGHUP');
    assert.equal((await systemd.message(2))['RELOADING'], '1');
  });
});

// At the same time: they mostly wait.
describe('the watchdog', { concurrency: 3 }, () => {
  const WATCHED = { WATCHDOG_USEC: '400000' };

  test('hears of a server that is well, during its start and while it serves', async (t) => {
    const systemd = await startSystemd(t);
    const { server } = await start(t, systemd, { env: WATCHED });
    await systemd.signsOfLife(5);
    await server.stop('SIGTERM');
  });

  for (const { what, stop } of [
    { what: 'the gateway', stop: gatewayOf },
    { what: 'the master', stop: ({ pid }: Server) => pid },
  ]) {
    test(`hears nothing more when ${what} does not respond, and again when it does`, async (t) => {
      const systemd = await startSystemd(t);
      const { server } = await start(t, systemd, { env: WATCHED });
      await systemd.signsOfLife(2);
      const pid = stop(server);
      process.kill(pid, 'SIGSTOP');
      try {
        await systemd.silence(800);
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      await systemd.signsOfLife(3);
    });
  }

  test('hears of the gateway that follows one which died', async (t) => {
    const systemd = await startSystemd(t);
    const { server } = await start(t, systemd, { env: WATCHED });
    process.kill(gatewayOf(server), 'SIGKILL');
    await server.line(/the gateway ended \(SIGKILL\): starting it again/);
    await systemd.signsOfLife(5);
  });

  test('of another process is not answered', async (t) => {
    const systemd = await startSystemd(t);
    await start(t, systemd, { env: { ...WATCHED, WATCHDOG_PID: '1' } });
    await systemd.message(1);
    await systemd.silence(800);
  });
});

interface FakeSystemd {
  readonly socket: string;
  /** The nth message, WATCHDOG not counted, by its assignments. */
  message(nth: number): Promise<Readonly<Record<string, string>>>;
  /** Waits for so many more. */
  signsOfLife(count: number): Promise<void>;
  /** Fails when one comes within this time, after those that are on their way. */
  silence(milliseconds: number): Promise<void>;
}

async function startSystemd(t: TestContext, kind: 'a path' | 'an abstract name' = 'a path'): Promise<FakeSystemd> {
  const socket = kind === 'a path' ? join(tempDir(t), 'notify') : `@tsuwsgi-test-${randomUUID()}`;
  const script = join(import.meta.dirname, '../helpers/datagrams.py');
  const child = launch(t, { command: PYTHON, words: [script, socket], cwd: '/', stopSignal: 'SIGKILL', stopStatus: 'any' });
  await child.line(/^listening$/);
  const signs = (): number => child.lines(/^"WATCHDOG=1"$/).length;
  return {
    socket,
    message: async (nth) => read(await child.line(/^"(?!WATCHDOG).*"$/, nth + 1)),
    signsOfLife: async (count) => {
      await child.line(/^"WATCHDOG=1"$/, signs() + count);
    },
    silence: (milliseconds) => silence(child, signs, milliseconds),
  };
}

function read([line]: RegExpExecArray): Record<string, string> {
  const text = JSON.parse(line) as string;
  return Object.fromEntries(text.split('\n').map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]));
}

/** A stretch of time without a sign of life; those on their way when it begins may delay it. */
async function silence(child: Child, signs: () => number, milliseconds: number): Promise<void> {
  let [known, since] = [signs(), performance.now()];
  await eventually(`${String(milliseconds)} ms without a sign of life of ${String(child)}`, () => {
    if (signs() !== known) [known, since] = [signs(), performance.now()];
    return performance.now() - since > milliseconds;
  });
}

interface StartOptions extends Pick<ServerOptions, 'env'> {
  readonly words?: string;
  readonly flags?: string;
}

async function start(t: TestContext, { socket }: FakeSystemd, { words = SERVE, flags = '', env }: StartOptions = {}) {
  const cwd = tempDir(t, { 'app.py': APP });
  const server = await startServer(t, `${words} ${flags}`, { cwd, env: { NOTIFY_SOCKET: socket, ...env } });
  return { server, cwd };
}

function notifierOf(server: Server): number {
  return pidOf(server, 'tsuwsgi/notify.py');
}

function gatewayOf(server: Server): number {
  return pidOf(server, 'gateway/main.cjs');
}

function pidOf(server: Server, text: string): number {
  const found = server.family().find(({ command }) => command.includes(text));
  assert.ok(found, text);
  return found.pid;
}

/** Python's CLOCK_MONOTONIC. */
function monotonicUs(): number {
  return Number(execFileSync(PYTHON, ['-c', 'import time; print(time.monotonic_ns() // 1000)'], { encoding: 'utf8' }));
}
