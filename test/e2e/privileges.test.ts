/** Who the processes of a server are that was started as root. */
import assert from 'node:assert/strict';
import { constants, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fetchOnce } from '../helpers/http.ts';
import { NOT_ROOT } from '../helpers/requirements.ts';
import { runtimeDirectories } from '../helpers/runtime-directories.ts';
import { runServer, SERVER, startServer } from '../helpers/server.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

/** Debian's user without rights. */
const NOBODY = 65534;
const IDENTITY = '--uid nobody --gid nogroup';
const SERVE = `--http 127.0.0.1:0 --socket 127.0.0.1:0 -M -p 2 --wsgi-file hello.py`;

describe('--uid', { skip: NOT_ROOT }, () => {
  test("lets who is no root any more open a log anew that is root's pipe, so that nobody waits for its reader", async (t) => {
    const command = ['bash', '-c', 'exec "$0" "$@" > >(exec cat) 2>&1', ...SERVER];
    const server = await startServer(t, `${SERVE} ${IDENTITY} --static-map /s=.`, { command });
    const log = `/proc/${String(server.pid)}/fd/2`;
    assert.match(readlinkSync(log), /^pipe:/);
    assert.equal(statSync(log).uid, 0);
    assert.equal((await fetchOnce(server.address('http'), '/s/hello.py')).status, 200);
    await server.line(/GET \/s\/hello\.py => /);
    const gateway = server.lines(/^gateway \(pid (\d+)\)/)[0]?.[1] ?? '';
    const notWaiting = readdirSync(`/proc/${gateway}/fd`).filter((fd) => {
      return targetOf(`/proc/${gateway}/fd/${fd}`) === readlinkSync(log) && !waits(gateway, fd);
    });
    assert.equal(notWaiting.length, 1, 'one for itself, which does not wait');
    assert.ok(waits(gateway, '2'), 'what it shares does');
  });
});

describe('--master-as-root', { skip: NOT_ROOT }, () => {
  test('the master stays root, its children are the user of uid with all groups, and both doors serve', async (t) => {
    const server = await startServer(t, `${SERVE} ${IDENTITY} --add-gid adm --master-as-root`);
    assert.deepEqual([identityOf(server.pid).user, identityOf(server.pid).group], [0, 0]);
    const children = server.family().filter(({ pid }) => pid !== server.pid);
    assert.equal(children.length, 4, 'gateway, spawner and two workers');
    for (const { pid } of children) assert.deepEqual(identityOf(pid), { user: NOBODY, group: NOBODY, groups: [4, NOBODY] });
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello World!');
    assert.equal((await uwsgiRequest(server.address('uwsgi'), '/')).text, 'Hello World!');
  });

  test('a reload, workers and gateways that die, a graceful stop: all as ever', async (t) => {
    const server = await startServer(t, `${SERVE} ${IDENTITY} --master-as-root`);
    server.signal('SIGHUP');
    await server.line(/reloaded: 2 new workers serve/);
    process.kill(server.workerPid(1), 'SIGKILL');
    await server.line(/worker 1 \(pid \d+\) serving/, 3);
    assert.equal(identityOf(server.workerPid(1)).user, NOBODY);
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello World!');
    assert.deepEqual(await server.stop('SIGTERM'), { status: 0, signal: null });
    assert.deepEqual(runtimeDirectories(server), []);
  });

  test('a worker that hangs is killed all the same', async (t) => {
    const server = await startServer(t, `${SERVE.replace('hello', 'sleep')} ${IDENTITY} --master-as-root --worker-reload-mercy 1`);
    const asked = fetchOnce(server.address('http'), '/?30').catch(() => undefined);
    await server.line(/^began/);
    assert.deepEqual(await server.stop('SIGTERM'), { status: 0, signal: null });
    await asked;
  });

  test('orders are for root alone, and what is for the children for nobody else', async (t) => {
    const server = await startServer(t, `${SERVE} ${IDENTITY} --master-as-root`);
    const [directory = ''] = runtimeDirectories(server);
    const modes = Object.fromEntries(
      ['control.sock', 'master.sock', 'gateway.sock', 'scoreboard'].map((name) => {
        const { uid, mode } = statSync(join(directory, name));
        return [name, [uid, mode & 0o777]];
      }),
    );
    const theirs = [NOBODY, 0o600];
    assert.deepEqual(modes, { 'control.sock': [0, 0o600], 'master.sock': theirs, 'gateway.sock': theirs, scoreboard: theirs });
    assert.deepEqual([statSync(directory).uid, statSync(directory).mode & 0o777], [0, 0o711]);
    const asNobody = ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups', '--', ...SERVER];
    const { status } = await runServer(t, `stop ${String(server.pid)}`, { command: asNobody, cwd: '/' });
    assert.equal(status, 1);
    assert.equal((await runServer(t, `stop ${String(server.pid)}`)).status, 0);
  });

  test('without a master, root is given up all the same', async (t) => {
    const server = await startServer(t, `--http 127.0.0.1:0 --wsgi-file hello.py ${IDENTITY} --master-as-root`);
    for (const { pid } of server.family()) assert.equal(identityOf(pid).user, NOBODY);
  });

  test('hooks for the user are refused', async (t) => {
    const { status, stderr } = await runServer(t, `${SERVE} ${IDENTITY} --master-as-root --exec-as-user true`);
    assert.equal(status, 1);
    assert.match(stderr, /exec-as-user and master-as-root do not go together/);
  });

  test('without setpriv the server does not start', async (t) => {
    const words = `${SERVE} --uid ${String(NOBODY)} --gid ${String(NOBODY)} --master-as-root --python /usr/bin/python3`;
    const { status, stderr } = await runServer(t, words, { env: { PATH: '/nowhere' } });
    assert.equal(status, 1);
    assert.match(stderr, /master-as-root: children cannot become another user with "setpriv .*ENOENT/);
  });
});

function identityOf(pid: number): { user: number; group: number; groups: readonly number[] } {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'latin1');
  const numbers = (name: string): number[] =>
    (new RegExp(`^${name}:(.*)$`, 'm').exec(status)?.[1] ?? '')
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '')
      .map(Number);
  return { user: numbers('Uid')[0] ?? -1, group: numbers('Gid')[0] ?? -1, groups: numbers('Groups') };
}

/** Undefined for a descriptor that has been closed meanwhile. */
function targetOf(descriptor: string): string | undefined {
  try {
    return readlinkSync(descriptor);
  } catch {
    return undefined;
  }
}

/** Whether whoever writes to this descriptor of a process waits for room. */
function waits(pid: string, fd: string): boolean {
  const [, flags = ''] = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1')) ?? [];
  return (parseInt(flags, 8) & constants.O_NONBLOCK) === 0;
}
