/** Where a server can listen, and who may connect there. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, lstatSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { APPS, PYTHON } from '../helpers/paths.ts';
import { NOT_ROOT } from '../helpers/requirements.ts';
import { runServer, SERVER, startServer, type Door } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

const NO_IPV6 =
  existsSync('/proc/net/if_inet6') && readFileSync('/proc/net/if_inet6', 'utf8').includes(' lo')
    ? false
    : 'needs IPv6 on the loopback interface';

const OPTIONS = [
  { option: 'http', door: 'http' },
  { option: 'http-socket', door: 'http-socket' },
  { option: 'socket', door: 'uwsgi' },
] as const;

for (const { option, door } of OPTIONS) {
  describe(`--${option}`, () => {
    test('127.0.0.1:0 takes a free port and tells which', async (t) => {
      const server = await startServer(t, `--${option} 127.0.0.1:0 --wsgi-file hello.py`);
      const address = server.address(door);
      assert.ok('port' in address && address.port > 0);
      await assertServes(address, door);
    });

    test(':0 listens on every address', async (t) => {
      const server = await startServer(t, `--${option} :0 --wsgi-file hello.py`);
      const address = server.address(door);
      assert.ok('port' in address);
      for (const host of ['127.0.0.1', '127.0.0.2']) await assertServes({ host, port: address.port }, door);
    });

    test('[::1]:0', { skip: NO_IPV6 }, async (t) => {
      const server = await startServer(t, `--${option} [::1]:0 --wsgi-file hello.py`);
      const address = server.address(door);
      assert.ok('port' in address && address.host === '::1');
      await assertServes(address, door);
    });

    test('a path', async (t) => {
      const path = join(tempDir(t), 'here.sock');
      await startServer(t, `--${option} ${path} --wsgi-file hello.py`);
      await assertServes({ path }, door);
    });

    test('a path relative to where it was started', async (t) => {
      const cwd = tempDir(t);
      await startServer(
        t,
        ['--chdir', process.cwd(), `--${option}`, 'here.sock', '--wsgi-file', join(import.meta.dirname, '../fixtures/apps/hello.py')],
        { cwd },
      );
      const found = [join(cwd, 'here.sock'), join(process.cwd(), 'here.sock')].filter((path) => existsSync(path));
      assert.equal(found.length, 1);
      await assertServes({ path: found[0] ?? '' }, door);
    });

    test('an abstract name', async (t) => {
      const name = `tsu-test-${String(process.pid)}-${option}`;
      await startServer(t, `--${option} @${name} --wsgi-file hello.py`);
      await assertServes({ path: `\0${name}` }, door);
    });

    test('an inherited descriptor: fd://3', async (t) => {
      const path = join(tempDir(t), 'inherited.sock');
      await startServer(t, `--${option} fd://3 --wsgi-file hello.py`, { command: [PYTHON, INHERIT, path, ...SERVER] });
      await assertServes({ path }, door);
    });
  });
}

test('the sockets of systemd (LISTEN_FDS) speak the uwsgi protocol', async (t) => {
  const path = join(tempDir(t), 'systemd.sock');
  await startServer(t, '--wsgi-file hello.py', { command: [PYTHON, INHERIT, '--systemd', path, ...SERVER] });
  await assertServes({ path }, 'uwsgi');
});

test('LISTEN_FDS of another process is none of ours', async (t) => {
  const server = await startServer(t, '--http 127.0.0.1:0 --wsgi-file interpreter.py', { env: { LISTEN_FDS: '1', LISTEN_PID: '1' } });
  assert.equal((await fetchOnce(server.address('http'), '/')).status, 200);
});

describe('a socket file', () => {
  for (const { flags, mode } of [
    { flags: '--chmod-socket', mode: 0o666 },
    { flags: '-C', mode: 0o666 },
    { flags: '-C660', mode: 0o660 },
    { flags: '--chmod-socket=664', mode: 0o664 },
    { flags: '--umask 077', mode: 0o700 },
    { flags: '', mode: 0o755 },
  ]) {
    test(`has mode ${mode.toString(8)} with ${flags === '' ? 'umask 022' : flags}`, async (t) => {
      const path = join(tempDir(t), 'mode.sock');
      const umask = process.umask(0o022);
      try {
        await startServer(t, `--socket ${path} --wsgi-file hello.py ${flags}`);
      } finally {
        process.umask(umask);
      }
      assert.equal((statSync(path).mode & 0o777).toString(8), mode.toString(8));
    });
  }

  test('belongs to the user and group of --chown-socket', { skip: NOT_ROOT }, async (t) => {
    const path = join(tempDir(t), 'owner.sock');
    await startServer(t, `--http-socket ${path} --wsgi-file hello.py --chown-socket www-data:nogroup`);
    assert.deepEqual([statSync(path).uid, statSync(path).gid], [idOf('-u', 'www-data'), groupId('nogroup')]);
    await assertServes({ path }, 'http-socket');
  });

  test('stays behind without --vacuum and is replaced by the next server', async (t) => {
    const path = join(tempDir(t), 'stays.sock');
    const first = await startServer(t, `--socket ${path} --wsgi-file hello.py -M`);
    await first.stop('SIGTERM');
    assert.ok(lstatSync(path).isSocket());
    await startServer(t, `--socket ${path} --wsgi-file hello.py -M`);
    await assertServes({ path }, 'uwsgi');
  });

  test('--vacuum removes it, and the pid file', async (t) => {
    const dir = tempDir(t);
    const path = join(dir, 'gone.sock');
    const server = await startServer(
      t,
      `--socket ${path} --http-socket ${dir}/http.sock --pidfile ${dir}/pid --wsgi-file hello.py -M --vacuum`,
    );
    assert.equal(readFileSync(join(dir, 'pid'), 'utf8'), `${String(server.pid)}\n`);
    await server.stop('SIGTERM');
    for (const name of ['gone.sock', 'http.sock', 'pid']) assert.ok(!existsSync(join(dir, name)), `${name} is gone`);
  });

  test('--vacuum names what the user of --uid may not remove, and ends as it should', { skip: NOT_ROOT }, async (t) => {
    const dir = tempDir(t);
    const server = await startServer(t, `--socket ${dir}/app.sock --wsgi-file hello.py -M --vacuum --uid www-data`);
    const { status } = await server.stop('SIGTERM');
    assert.equal(status, 0);
    assert.match(server.log, new RegExp(`vacuum: cannot remove ${dir}/app\\.sock: permission denied`));
  });

  test('--vacuum does not remove what another server put there meanwhile', async (t) => {
    const path = join(tempDir(t), 'theirs.sock');
    const first = await startServer(t, `--socket ${path} --wsgi-file hello.py -M --vacuum`);
    rmSync(path);
    await startServer(t, `--socket ${path} --wsgi-file hello.py -M`);
    await first.stop('SIGTERM');
    await assertServes({ path }, 'uwsgi');
  });

  test('on which another server listens is not taken from it', async (t) => {
    const path = join(tempDir(t), 'taken.sock');
    await startServer(t, `--socket ${path} --wsgi-file hello.py -M`);
    const second = await runServer(t, `--socket ${path} --wsgi-file hello.py -M`);
    assert.equal(second.status, 1);
    assert.ok(second.output.includes(path), second.output);
    await assertServes({ path }, 'uwsgi');
  });

  test('never replaces a file that is no socket', async (t) => {
    const path = join(tempDir(t), 'precious.txt');
    writeFileSync(path, 'precious');
    await assert.rejects(startServer(t, `--socket ${path} --wsgi-file hello.py`), /status 1/);
    assert.equal(readFileSync(path, 'utf8'), 'precious');
  });
});

describe('privileges', () => {
  test('--uid and --gid are those of the workers', { skip: NOT_ROOT }, async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 --wsgi-file interpreter.py --uid www-data --gid www-data -M -p 2');
    const seen = JSON.parse((await fetchOnce(server.address('http'), '/')).text) as { uid: number; gid: number };
    assert.deepEqual([seen.uid, seen.gid], [idOf('-u', 'www-data'), groupId('www-data')]);
  });

  test('a worker that dies is replaced with the same user', { skip: NOT_ROOT }, async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 --wsgi-file interpreter.py --uid www-data --gid www-data -M -p 1');
    process.kill(server.workerPid(1), 'SIGKILL');
    await server.line(/worker 1 \(pid \d+\) serving/, 2);
    const seen = JSON.parse((await fetchOnce(server.address('http'), '/')).text) as { uid: number };
    assert.equal(seen.uid, idOf('-u', 'www-data'));
  });
});

test('--uid may be a number without an account, as in a container; a reload finds that nothing unusual', { skip: NOT_ROOT }, async (t) => {
  const cwd = tempDir(t, { 'app.ini': '[uwsgi]\nsocket = 127.0.0.1:0\nmaster = true\nuid = 54321\nset-placeholder = who=%U of %G\n' });
  cpSync(join(APPS, 'interpreter.py'), join(cwd, 'interpreter.py'));
  const server = await startServer(t, 'app.ini --wsgi-file interpreter.py', { cwd });
  server.signal('SIGHUP');
  await server.line(/reloaded: /);
  const seen = JSON.parse((await uwsgiRequest(server.address('uwsgi'), '/')).text) as { uid: number };
  assert.equal(seen.uid, 54321);
});

test('a Node that the other user may not run: the server says so and ends', { skip: NOT_ROOT }, async (t) => {
  const dir = tempDir(t);
  const [node = '', ...rest] = SERVER;
  cpSync(node, join(dir, 'private/node'));
  chmodSync(join(dir, 'private'), 0o700);
  const command = [join(dir, 'private/node'), ...rest];
  const outcome = await runServer(t, '--http 127.0.0.1:0 --wsgi-file hello.py --uid www-data -M', { command });
  assert.notEqual(outcome.status, 0);
  assert.ok(outcome.output.includes(join(dir, 'private/node')), outcome.output);
});

test('--listen is the length of the kernel queue', async (t) => {
  const server = await startServer(t, '--socket 127.0.0.1:0 --wsgi-file hello.py --listen 17');
  const address = server.address('uwsgi');
  assert.ok('port' in address);
  // In LISTEN state the kernel shows the backlog in the column of the send queue.
  const backlog = () => execFileSync('ss', ['-Hltn', `sport = :${String(address.port)}`], { encoding: 'utf8' }).split(/\s+/)[2];
  await eventually('the socket listens', () => backlog() === '17');
});

/** Binds a Unix socket, hands it over as descriptor 3 and becomes the server. */
const INHERIT = join(import.meta.dirname, '../helpers/inherit-socket.py');

async function assertServes(address: Address, door: Door): Promise<void> {
  const response = door === 'uwsgi' ? await uwsgiRequest(address, '/') : await fetchOnce(address, '/');
  assert.deepEqual([response.status, response.text], [200, 'Hello World!']);
}

function idOf(flag: '-u' | '-g', user: string): number {
  return Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
}

function groupId(group: string): number {
  return Number(execFileSync('getent', ['group', group], { encoding: 'utf8' }).split(':')[2]);
}
