/** The server as a process of its machine: in the background, with its pid files, its groups, its names. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { allGone, isAlive, processInfo } from '../helpers/processes.ts';
import { NOT_ROOT } from '../helpers/requirements.ts';
import { onEnd } from '../helpers/scope.ts';
import { launchServer, runServer, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

/** Debian's user without rights. */
const NOBODY = 65534;
const HELLO = join(import.meta.dirname, '../fixtures/apps/hello.py');

describe('--daemonize', () => {
  test('returns 0 when the server answers', async (t) => {
    const { cwd, address, child } = await daemonize(t, '-M -p 2');
    assert.equal((await fetchOnce(address, '/')).text, 'Hello World!');
    assert.match(readFileSync(join(cwd, 'server.log'), 'utf8'), /ready: 2 workers/);
    assert.equal(child.log, '', 'nothing on the terminal');
  });

  test('returns 0 when the server answers, without a master as well', async (t) => {
    const { address } = await daemonize(t, '');
    assert.equal((await fetchOnce(address, '/')).text, 'Hello World!');
  });

  test('--daemonize2 is the same', async (t) => {
    const { address } = await daemonize(t, '-M', { option: '--daemonize2' });
    assert.equal((await fetchOnce(address, '/')).text, 'Hello World!');
  });

  test('is a session of its own, with its output in the file and nothing to read', async (t) => {
    const { cwd, pid } = await daemonize(t, '-M -p 2');
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    const [, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    assert.notEqual(Number(session), sessionOf(process.pid), 'another session than ours');
    assert.notEqual(Number(parent), process.pid);
    assert.equal(readlinkSync(`/proc/${String(pid)}/fd/0`), '/dev/null');
    for (const descriptor of [1, 2]) assert.equal(readlinkSync(`/proc/${String(pid)}/fd/${String(descriptor)}`), join(cwd, 'server.log'));
    assert.equal(processInfo(pid)?.state === 'Z', false);
  });

  test('the log is appended to and not for everybody', async (t) => {
    const cwd = tempDir(t, { 'server.log': 'what was there\n' });
    const { address } = await daemonize(t, '-M', { cwd });
    await fetchOnce(address, '/path-in-the-log');
    const text = readFileSync(join(cwd, 'server.log'), 'utf8');
    assert.ok(text.startsWith('what was there\n'));
    const fresh = await daemonize(t, '-M');
    assert.equal(statSync(join(fresh.cwd, 'server.log')).mode & 0o007, 0);
  });

  test('SIGTERM to the pid in the pid file ends it, with all of its processes', async (t) => {
    const { pid, child } = await daemonize(t, '-M -p 2');
    const family = child.family().map((one) => one.pid);
    assert.ok(family.includes(pid));
    process.kill(pid, 'SIGTERM');
    await allGone(family, 5_000);
  });

  for (const { what, words, status, naming } of [
    { what: 'an application that fails', words: '--http-socket web.sock --wsgi-file broken.py', status: 22, naming: ['broken on purpose'] },
    { what: 'a file that does not exist', words: '--http-socket web.sock --wsgi-file nowhere.py', status: 22, naming: ['nowhere.py'] },
    { what: 'a flag that does not exist', words: '--http-socket web.sock --wsgi-file broken.py --nosuch', status: 1, naming: ['nosuch'] },
    {
      what: 'a directory that does not exist',
      words: '--http-socket /nowhere/at/all.sock --wsgi-file hello.py',
      status: 1,
      naming: ['/nowhere/at/all.sock'],
    },
  ]) {
    test(`${what}: the command itself says why, with status ${String(status)}`, async (t) => {
      const cwd = tempDir(t, { 'broken.py': 'raise RuntimeError("broken on purpose")\n', 'hello.py': readFileSync(HELLO, 'utf8') });
      const outcome = await runServer(t, `${words} -M -d server.log`, { cwd });
      assert.equal(outcome.status, status, outcome.output);
      for (const text of naming) assert.ok(outcome.output.includes(text), `${text} is in: ${outcome.output}`);
    });
  }

  test('a port in use: the command itself says so', async (t) => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onEnd(t, () => {
      taken.close();
    });
    const address = `127.0.0.1:${String((taken.address() as AddressInfo).port)}`;
    const outcome = await runServer(t, `--http ${address} --wsgi-file ${HELLO} -M -d server.log`, { cwd: tempDir(t) });
    assert.equal(outcome.status, 1);
    assert.ok(outcome.output.includes(address), outcome.output);
  });

  test('a log that cannot be written', async (t) => {
    const outcome = await runServer(t, `--http 127.0.0.1:0 --wsgi-file ${HELLO} -M -d /nowhere/at/all.log`, { cwd: tempDir(t) });
    assert.equal(outcome.status, 1);
    assert.ok(outcome.output.includes('/nowhere/at/all.log'), outcome.output);
  });
});

describe('--logto', () => {
  test('sends everything to the file, the output of the application included', async (t) => {
    const cwd = tempDir(t);
    const path = join(cwd, 'server.log');
    const child = launchServer(t, `--http-socket ${cwd}/web.sock --wsgi-file output.py -M --logto ${path} --pidfile ${cwd}/pid`);
    const address = { path: join(cwd, 'web.sock') };
    await eventually('it answers', async () => (await fetchOnce(address, '/').catch(() => undefined))?.status === 200);
    const text = await eventually('the request line', () => {
      const found = readFileSync(path, 'utf8');
      return found.includes('generated 2 bytes') && found;
    });
    for (const line of ['ready: 1 worker', 'printed', 'to stderr', 'to wsgi.errors', 'to descriptor 1'])
      assert.ok(text.includes(line), line);
    assert.equal(child.log, '');
  });
});

describe('the pid files', () => {
  test('are all written, and removed by vacuum as long as they tell of this server', async (t) => {
    const cwd = tempDir(t);
    const names = ['pidfile', 'pidfile2', 'safe-pidfile', 'safe-pidfile2'];
    const files = names.map((name) => `--${name} ${cwd}/${name}`).join(' ');
    const server = await startServer(t, `--http 127.0.0.1:0 -M --vacuum --wsgi-file hello.py ${files}`);
    for (const name of names) assert.equal(readFileSync(join(cwd, name), 'utf8'), `${String(server.pid)}\n`);
    writeFileSync(join(cwd, 'pidfile2'), '1\n');
    await server.stop('SIGTERM');
    assert.deepEqual(readdirSync(cwd), ['pidfile2']);
  });

  test('pidfile2 is written by the user of uid, in the directory of chdir', { skip: NOT_ROOT }, async (t) => {
    const cwd = tempDir(t, { 'app/hello.py': readFileSync(HELLO, 'utf8') });
    chmodSync(join(cwd, 'app'), 0o777);
    await startServer(t, '--http 127.0.0.1:0 -M --uid nobody --gid nogroup --chdir app --wsgi-file hello.py --pidfile a --pidfile2 b', {
      cwd,
    });
    assert.deepEqual([statSync(join(cwd, 'a')).uid, statSync(join(cwd, 'app/b')).uid], [0, NOBODY]);
  });
});

describe('the groups of a server that was started as root', { skip: NOT_ROOT }, () => {
  for (const { flags, groups } of [
    { flags: '--uid www-data --gid nogroup', groups: [NOBODY] },
    { flags: '--uid www-data --gid nogroup --no-initgroups --add-gid adm --add-gid 24', groups: [4, 24, NOBODY] },
  ]) {
    test(`${flags} gives ${groups.join(', ')} to the workers`, async (t) => {
      const server = await startServer(t, `--http 127.0.0.1:0 -M --wsgi-file hello.py ${flags}`);
      const [, line = ''] = /^Groups:(.*)$/m.exec(readFileSync(`/proc/${String(server.workerPid(1))}/status`, 'utf8')) ?? [];
      assert.deepEqual(line.trim().split(/\s+/).map(Number), groups);
    });
  }
});

describe('the names of the processes', () => {
  for (const { flags, names } of [
    { flags: '--auto-procname', names: ['uWSGI master', 'uWSGI http 1', 'uWSGI spawner', 'uWSGI worker 1', 'uWSGI worker 2'] },
    { flags: '--procname X --procname-master Y', names: ['Y', 'X', 'X', 'X', 'X'] },
    {
      flags: '--procname-prefix-spaced shop --procname-append !',
      names: ['shop uWSGI master!', 'shop uWSGI http 1!', 'shop uWSGI spawner!', 'shop uWSGI worker 1!', 'shop uWSGI worker 2!'],
    },
  ]) {
    test(`with ${flags}`, async (t) => {
      const server = await startServer(t, `--http 127.0.0.1:0 -M -p 2 --wsgi-file hello.py ${flags}`);
      const family = server.family();
      assert.deepEqual(family.map(({ command }) => command).sort(), [...names].sort());
      const commands = family.map(({ pid }) => readFileSync(`/proc/${String(pid)}/comm`, 'utf8').trimEnd());
      assert.deepEqual(commands.sort(), names.map((name) => name.slice(0, 15)).sort());
    });
  }
});

/** A daemon in a directory of its own; it is ended with the test. */
async function daemonize(t: TestContext, flags: string, { cwd = tempDir(t), option = '-d' } = {}) {
  const words = `--http-socket web.sock --wsgi-file ${HELLO} ${flags} ${option} server.log --pidfile server.pid`;
  const child = launchServer(t, words, { cwd });
  // The command has ended by itself; the daemon carries the mark of the test and is ended by it.
  onEnd(t, () => {
    const pid = existsSync(join(cwd, 'server.pid')) ? Number(readFileSync(join(cwd, 'server.pid'), 'utf8')) : 0;
    if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGTERM');
  });
  const { status } = await child.finished();
  const log = existsSync(join(cwd, 'server.log')) ? readFileSync(join(cwd, 'server.log'), 'utf8') : '';
  assert.equal(status, 0, `${child.log}\n${log}`);
  return { cwd, child, address: { path: join(cwd, 'web.sock') }, pid: Number(readFileSync(join(cwd, 'server.pid'), 'utf8')) };
}

function sessionOf(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
}
