/** The server as process 1 of a container, and among processes that are not its own. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { Child } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { allGone, treeOf } from '../helpers/processes.ts';
import { NO_CONTAINER } from '../helpers/requirements.ts';
import { launchServer, SERVER, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

/** `unshare` waits for process 1 of the namespace and ends with its status. The memory file system is the container's own, and goes with it. */
const CONTAINER = [
  ...['/usr/bin/unshare', '--pid', '--fork', '--mount-proc', '--kill-child'],
  ...['/bin/sh', '-c', 'mount -t tmpfs shm /dev/shm && exec "$@"', 'sh'],
];

describe('as process 1', { skip: NO_CONTAINER }, () => {
  test('it reaps what the application leaves behind', async (t) => {
    const { container, address } = await start(t);
    for (let nth = 0; nth < 5; nth++) assert.equal((await fetchOnce(address, '/')).text, 'done');
    assert.notDeepEqual(orphansOf(container), [], 'they are there at first');
    await eventually('nothing is left of them', () => orphansOf(container).length === 0);
    assert.equal((await fetchOnce(address, '/')).text, 'done');
  });

  for (const { signal, answer } of [
    { signal: 'SIGTERM', answer: 'done' },
    { signal: 'SIGINT', answer: 'lost' },
  ] as const) {
    test(`${signal} stops it, with status 0; what is in flight is ${answer}`, async (t) => {
      const { container, address, first } = await start(t);
      const asked = fetchOnce(address, '/?0.7').then(
        ({ text }) => text,
        () => 'lost',
      );
      await container.line(/^began/);
      const family = treeOf(container.pid).map(({ pid }) => pid);
      process.kill(first, signal);
      assert.deepEqual(await container.finished(), { status: 0, signal: null });
      assert.equal(await asked, answer);
      await allGone(family, 3000);
    });
  }

  test('signals arrive once: SIGTSTP pauses, SIGHUP reloads', async (t) => {
    const { container, first } = await start(t);
    process.kill(first, 'SIGTSTP');
    await container.line(/SIGTSTP: paused/);
    process.kill(first, 'SIGTSTP');
    await container.line(/SIGTSTP: resumed/);
    process.kill(first, 'SIGHUP');
    await container.line(/reloaded: 1 new workers serve/);
    assert.equal(container.lines(/SIGHUP: reloading/).length, 1);
    assert.equal(container.lines(/SIGTSTP: /).length, 2);
  });

  test('it ends with the status of the server', async (t) => {
    const cwd = tempDir(t, { 'broken.py': 'raise RuntimeError("broken on purpose")\n' });
    const container = launchServer(t, '--http-socket web.sock -M --wsgi-file broken.py', { cwd, command: [...CONTAINER, ...SERVER] });
    assert.deepEqual(await container.finished(), { status: 22, signal: null });
  });

  test('a server that is killed ends the container, with 128 and the signal', async (t) => {
    const { container } = await start(t);
    const server = treeOf(container.pid).find(({ pid, command }) => command.includes('bin/run.js') && childrenOf(pid).some(isGateway));
    assert.ok(server);
    process.kill(server.pid, 'SIGKILL');
    assert.deepEqual(await container.finished(), { status: 137, signal: null });
  });

  test('below an init of the container, it is alone', async (t) => {
    const command = [...CONTAINER, '/bin/sh', '-c', '"$@"; exit $?', 'sh', ...SERVER];
    const { container } = await start(t, command);
    assert.equal(treeOf(container.pid).filter(({ command: words }) => words.includes('init.py')).length, 0);
  });
});

test('a child that was there before the server confuses nothing', async (t) => {
  const command = ['/bin/sh', '-c', 'sleep 0.1 & exec "$@"', 'sh', ...SERVER];
  const server = await startServer(t, '--http 127.0.0.1:0 -M --wsgi-file hello.py', { command });
  await eventually('it has ended', () => childrenOf(server.pid).some(({ state }) => state === 'Z'));
  assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello World!');
  process.kill(server.workerPid(1), 'SIGKILL');
  await server.line(/worker 1 \(pid \d+\) serving/, 2);
  assert.deepEqual(await server.stop('SIGTERM'), { status: 0, signal: null });
});

/** A server in a PID namespace of its own; `first` is its process 1 as we see it. */
async function start(t: TestContext, command: readonly string[] = [...CONTAINER, ...SERVER]) {
  const cwd = tempDir(t);
  const words = `--http-socket ${cwd}/web.sock -M --wsgi-file orphans.py`;
  const container: Child = launchServer(t, words, { command, stopSignal: 'SIGKILL', stopStatus: 'any' });
  await container.line(/ready: 1 worker/);
  const [first] = childrenOf(container.pid);
  assert.ok(first);
  return { container, first: first.pid, address: { path: join(cwd, 'web.sock') } };
}

/** What came to the init, with the server itself left out. */
function orphansOf(container: Child) {
  const init = treeOf(container.pid).find(({ command }) => / -S \S+init\.py /.test(command));
  assert.ok(init, 'an init');
  return childrenOf(init.pid).filter(({ command }) => !command.includes('run.js'));
}

function childrenOf(parent: number) {
  return treeOf(parent).filter((one) => one.parent === parent);
}

function isGateway({ command }: { command: string }): boolean {
  return command.includes('gateway/main.cjs');
}
