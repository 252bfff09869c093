/** The log as a file that is renamed, emptied and made anew while everybody writes to it. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, readlinkSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { freePort } from '../helpers/address.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce, HttpConnection } from '../helpers/http.ts';
import { countingClients, numbersIn } from '../helpers/numbered.ts';
import { APPS } from '../helpers/paths.ts';
import { NOT_ROOT } from '../helpers/requirements.ts';
import { onEnd } from '../helpers/scope.ts';
import { launchServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

const ROTATIONS = 10;
/** Debian's user without rights. */
const NOBODY = 65534;

test('a log that takes no line, as on a full disk, costs nobody anything', async (t) => {
  const port = await freePort();
  const address = { host: '127.0.0.1', port };
  launchServer(t, `--http 127.0.0.1:${String(port)} -M -p 1 --wsgi-file pid.py --logto /dev/full`);
  await eventually('an answer', async () => (await fetchOnce(address, '/').catch(() => undefined))?.status === 200);
  const client = await HttpConnection.open(address);
  onEnd(t, () => {
    client.close();
  });
  const { text: worker } = await client.request('/');
  // Of this the gateway would say something.
  for (let nth = 0; nth < 3; nth++) assert.equal((await fetchOnce(address, '/', { headers: { 'Content-Length': 'many' } })).status, 400);
  assert.equal((await client.request('/')).text, worker, 'the gateway that had the connection has it still');
});

describe('a rotation', () => {
  for (const { what, into } of [
    { what: 'the log of a server', into: '--logto' },
    { what: 'the log of a daemon', into: '-d' },
  ]) {
    test(`of ${what}: under load every line is in one of the files, once, and all processes go on in the new one`, async (t) => {
      const server = await start(t, `-M -p 2 --threads 2 -L --master-fifo fifo`, { into });
      const clients = countingClients(server.address);
      for (let nth = 1; nth <= ROTATIONS; nth++) {
        writeFileSync(join(server.cwd, 'fifo'), 'L');
        await eventually(`rotation ${String(nth)}`, () => server.allLogs().join('').split('the log was rotated').length > nth);
        await clients.more(20);
      }
      const asked = await clients.stop();
      assert.deepEqual(numbersIn(server.allLogs()), asked);
      assert.equal(server.allLogs().length, ROTATIONS + 1);
      await server.everybodyWritesToIt();
    });
  }

  test('keeps up with a reload: the new generation writes to the new file', async (t) => {
    const server = await start(t, '-M --touch-logrotate now');
    server.touch('now');
    await server.line('the log was rotated');
    server.reload();
    await server.line('reloaded: 1 new workers serve');
    await fetchOnce(server.address, '/?7');
    await server.line('number 7');
    await server.everybodyWritesToIt();
  });

  test('is no matter for a reload that names another file: all processes go on in that', async (t) => {
    const cwd = tempDir(t, { 'log.ini': '[uwsgi]\nlogto = server.log\n' });
    const server = await start(t, '-M', { into: '--ini log.ini', cwd });
    writeFileSync(join(cwd, 'log.ini'), '[uwsgi]\nlogto = server.log.next\n');
    server.reload();
    await server.line('the log goes on in ');
    const next = () => readFileSync(join(cwd, 'server.log.next'), 'utf8');
    await eventually('the reload', () => existsSync(join(cwd, 'server.log.next')) && next().includes('reloaded: 1 new workers serve'));
    await fetchOnce(server.address, '/?7');
    await eventually('a line of a worker', () => next().includes('number 7'));
  });

  test('happens when the log has grown beyond log-maxsize, to log-backupname', async (t) => {
    const server = await start(t, '-M --log-maxsize 2K --log-backupname old.log');
    for (let number = 0; number < 30; number++) await fetchOnce(server.address, `/?${String(number)}`);
    await eventually('the backup', () => existsSync(join(server.cwd, 'old.log')));
    await server.line('the log was rotated: what came before is in');
    assert.ok(statSync(join(server.cwd, 'old.log')).size > 2048);
  });

  test('that is not possible leaves the log where it was, and says why', async (t) => {
    const server = await start(t, '-M --touch-logrotate now --log-backupname nowhere/old.log');
    server.touch('now');
    await server.line('cannot rename the log');
    await fetchOnce(server.address, '/?8');
    await server.line('number 8');
  });
});

describe('a log that somebody else moved away', () => {
  test('is made anew by touch-logreopen, with its mode', async (t) => {
    const server = await start(t, '-M --touch-logreopen now --logfile-chmod 604');
    renameSync(server.path, join(server.cwd, 'moved.log'));
    server.touch('now');
    await server.line('the log was reopened');
    await fetchOnce(server.address, '/?9');
    await server.line('number 9');
    assert.equal(statSync(server.path).mode & 0o777, 0o604);
    await server.everybodyWritesToIt();
  });

  test('is made anew, or rotated, by a signal that unix_signal names', async (t) => {
    const flags = ['uwsgi_log_reopen', 'uwsgi_log_rotate'].map((name, nth) => `unix_signal:${String(nth === 0 ? 10 : 12)} ${name}`);
    const server = await start(t, '-M', { more: flags.flatMap((hook) => ['--hook-master-start', hook]) });
    renameSync(server.path, join(server.cwd, 'moved.log'));
    server.signal('SIGUSR1');
    await server.line('the log was reopened');
    await server.everybodyWritesToIt();
    server.signal('SIGUSR2');
    await server.line('the log was rotated');
    await server.everybodyWritesToIt();
  });

  test('is made anew by a reload with log-reopen', async (t) => {
    const server = await start(t, '-M --log-reopen');
    renameSync(server.path, join(server.cwd, 'moved.log'));
    server.reload();
    await server.line('the log was reopened');
    await server.line('reloaded: 1 new workers serve');
  });
});

describe('the log file', () => {
  test('is emptied at the start by log-truncate', async (t) => {
    const cwd = tempDir(t, { 'server.log': 'from before\n' });
    const server = await start(t, '-M --log-truncate', { cwd });
    assert.equal(server.log().includes('from before'), false);
  });

  test('of logto2 is where the log goes on, and belongs to the user of uid', { skip: NOT_ROOT }, async (t) => {
    const server = await start(t, '-M --uid nobody --gid nogroup --logto early.log', { into: '--logto2' });
    const { uid, gid } = statSync(server.path);
    assert.deepEqual([uid, gid, statSync(join(server.cwd, 'early.log')).uid], [NOBODY, NOBODY, 0]);
    await fetchOnce(server.address, '/?1');
    await server.line('number 1');
  });

  test('of a master that stays root is rotated where its user may not write', { skip: NOT_ROOT }, async (t) => {
    const flags = '-M --uid nobody --gid nogroup --master-as-root --logfile-chown --touch-logrotate now';
    const server = await start(t, flags, { into: '--logto2' });
    chmodSync(server.cwd, 0o755);
    server.touch('now');
    await server.line('the log was rotated');
    await server.everybodyWritesToIt();
    await fetchOnce(server.address, '/?3');
    await server.line('number 3');
  });

  test('of logto is given to the user of uid by logfile-chown, so that all can open it again', { skip: NOT_ROOT }, async (t) => {
    const server = await start(t, '-M --uid nobody --gid nogroup --logfile-chown --touch-logreopen now');
    assert.equal(statSync(server.path).uid, NOBODY);
    server.touch('now');
    await server.line('the log was reopened');
    await fetchOnce(server.address, '/?2');
    await server.line('number 2');
    assert.equal(server.log().includes('cannot write'), false, server.log());
  });
});

/** A server in a directory of its own, which logs to server.log there. */
async function start(t: TestContext, flags: string, { into = '--logto', cwd = tempDir(t), more = [] as readonly string[] } = {}) {
  // For servers that become another user.
  chmodSync(cwd, 0o777);
  const address = { path: join(cwd, 'web.sock') };
  const path = join(cwd, 'server.log');
  const words = `--http-socket web.sock --wsgi-file ${join(APPS, 'numbered.py')} --pidfile pid ${flags} ${into.startsWith('--ini') ? into : `${into} server.log`}`;
  const child = launchServer(t, [...words.split(' '), ...more], { cwd });
  const log = () => textOf(path).join('');
  const line = (text: string) =>
    eventually(`"${text}" in the log`, () => log().includes(text), 10_000).catch((cause: unknown) => {
      throw new Error(`no "${text}" in the log:\n${child.log}${log()}`, { cause });
    });
  await line('ready: ');
  const pid = Number(readFileSync(join(cwd, 'pid'), 'utf8'));
  // The command that started a daemon has ended by itself.
  onEnd(t, () => {
    if (into === '-d') process.kill(pid, 'SIGTERM');
  });
  return {
    cwd,
    path,
    address,
    log,
    line,
    reload: () => process.kill(pid, 'SIGHUP'),
    signal: (name: NodeJS.Signals) => process.kill(pid, name),
    touch: (name: string) => {
      writeFileSync(join(cwd, name), '');
    },
    allLogs: () =>
      readdirSync(cwd)
        .filter((name) => name.startsWith('server.log'))
        .flatMap((name) => textOf(join(cwd, name))),
    /** The outputs of the master's children, and of a daemon itself, are the file that is at the path now. */
    everybodyWritesToIt: () =>
      eventually('all processes write to the new file', () => {
        const writers = child.family().filter((one) => into === '-d' || one.pid !== pid);
        return writers.every((one) => [1, 2].every((fd) => outputOf(one.pid, fd) === path));
      }),
  };
}

/** Where a process writes; undefined where it has just ended, such as one of the generation before. */
function outputOf(pid: number, fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/${String(pid)}/fd/${String(fd)}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** None while a rotation has renamed the file and not yet made the next one. */
function textOf(path: string): string[] {
  try {
    return [readFileSync(path, 'utf8')];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
