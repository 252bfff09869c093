/** What hooks do at which moment, as whom, and what becomes of a server whose hook fails. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { startUwsgi } from '../helpers/peers.ts';
import { NOT_ROOT, requires } from '../helpers/requirements.ts';
import { runServer, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

const HELLO = join(import.meta.dirname, '../fixtures/apps/hello.py');
const SERVE = `--http-socket 127.0.0.1:0 --wsgi-file ${HELLO} --master`;

/** Each with what it says to the log. */
const HOOKS = 'asap pre-jail in-jail as-root as-user pre-app post-app post-fork accepting accepting-once accepting1 accepting1-once master-start as-user-atexit'; // prettier-ignore
const COMMANDS = 'asap pre-jail in-jail as-root as-user pre-app post-app as-user-atexit';

const named = (prefix: string, moments: string) => moments.split(' ').map((moment) => `${prefix}-${moment}`);

/** A config file in which every moment tells its name, its user and its directory. */
function everyMoment(): string {
  const tell = (name: string) => `echo MOMENT ${name} by $(id -un)`;
  const hooks = named('hook', HOOKS).map((name) => `${name} = exec:${tell(name)}`);
  const commands = named('exec', COMMANDS).map((name) => `${name} = ${tell(name)}`);
  return ['[uwsgi]', ...hooks, ...commands].join('\n');
}

function momentsIn(log: string): string[] {
  return [...log.matchAll(/^MOMENT (.*)$/gm)].map(([, what = '']) => what);
}

const serve = (t: TestContext, words: string[], cwd = tempDir(t)) => startServer(t, [...SERVE.split(' '), ...words], { cwd });

describe('the moments', () => {
  test('come in the order of uWSGI, as its users', { skip: NOT_ROOT || requires('uwsgi', 'uwsgi-plugin-python3') }, async (t) => {
    const cwd = tempDir(t, { 'hooks.ini': everyMoment() });
    const words = [...SERVE.split(' '), '--uid', 'nobody', '--gid', 'nogroup', '--ini', 'hooks.ini'];
    const ours = await startServer(t, words, { cwd });
    const theirs = await startUwsgi(t, words, cwd);
    await theirs.child.line(/^MOMENT hook-accepting1-once/);
    await theirs.child.line(/^MOMENT hook-master-start/);
    theirs.child.signal('SIGINT');
    await theirs.child.finished();
    await ours.stop('SIGTERM');
    // Their master and their workers do not wait for each other; our server is not started before its workers are ready.
    const [mine, yours] = [ours.log, theirs.log].map(momentsIn).map((all) => all.filter((each) => !each.startsWith('hook-master-start')));
    assert.deepEqual(mine, yours);
    assert.equal(momentsIn(ours.log).length, [...HOOKS.split(' '), ...COMMANDS.split(' ')].length);
  });

  test('of the code come again with each reload, those of the start do not', async (t) => {
    const cwd = tempDir(t, { 'hooks.ini': everyMoment() });
    const server = await serve(t, ['--ini', 'hooks.ini'], cwd);
    const before = momentsIn(server.log).length;
    server.signal('SIGHUP');
    await server.line(/reloaded: 1 new workers serve/);
    assert.deepEqual(
      momentsIn(server.log)
        .slice(before)
        .map((each) => each.split(' ')[0]),
      ['hook-pre-app', 'exec-pre-app', 'hook-post-app', 'exec-post-app', ...named('hook', 'post-fork accepting accepting-once accepting1 accepting1-once')], // prettier-ignore
    );
  });

  test('as-root come before the addresses are bound and before chdir', { skip: NOT_ROOT }, async (t) => {
    const cwd = tempDir(t);
    const words = ['--hook-as-root', 'mkdir:run', '--http-socket', 'web.sock', '--chdir', 'run', '--uid', 'nobody', '--gid', 'nogroup'];
    const server = await serve(t, words, cwd);
    assert.ok(existsSync(join(cwd, 'run/web.sock')));
    assert.equal((await fetchOnce({ path: join(cwd, 'run/web.sock') }, '/')).status, 200);
    assert.equal((await server.stop('SIGTERM')).status, 0);
  });

  test('the environment of the configuration and of earlier hooks is that of commands and of the application', async (t) => {
    const cwd = tempDir(t);
    const server = await serve(t, ['--env', 'FROM_CONFIG=1', '--hook-asap', 'putenv:FROM_HOOK=2', '--exec-pre-app', 'echo $FROM_CONFIG $FROM_HOOK >seen'], cwd); // prettier-ignore
    assert.equal(readFileSync(join(cwd, 'seen'), 'utf8'), '1 2\n');
    await server.stop('SIGTERM');
  });
});

describe('a hook that fails', () => {
  for (const moment of [
    'hook-asap',
    'hook-as-root',
    'hook-as-user',
    'hook-pre-app',
    'hook-post-app',
    'hook-post-fork',
    'hook-accepting1',
    'hook-master-start',
  ]) {
    const skip = moment.startsWith('hook-as-') ? NOT_ROOT : false;
    test(`ends a start with status 1: ${moment}`, { skip }, async (t) => {
      const { status, output } = await runServer(t, [...SERVE.split(' '), `--${moment}`, 'exec:exit 7']);
      assert.equal(status, 1, output);
      assert.match(output, new RegExp(`${moment} = exec:exit 7: command "exit 7" exited with non-zero code: 7`));
      assert.doesNotMatch(output, /ready:/);
    });
  }

  test('says its command as uWSGI does', async (t) => {
    const { status, output } = await runServer(t, [...SERVE.split(' '), '--exec-asap', 'false']);
    assert.equal(status, 1);
    assert.match(output, /command "false" exited with non-zero code: 1/);
  });

  test('is written down before anything is done when there is no such action', async (t) => {
    const { status, output } = await runServer(t, [
      ...SERVE.split(' '),
      '--hook-asap',
      'print:hello',
      '--hook-as-root',
      'mount:proc none /proc',
    ]);
    assert.equal(status, 1);
    assert.match(output, /"hook-as-root" takes one of the actions .*, not "mount:proc none \/proc"/);
    assert.doesNotMatch(output, /^hello$/m);
  });

  test('leaves the old workers serving when it is one of a reload', async (t) => {
    const cwd = tempDir(t, { 'app.ini': '[uwsgi]\nexec-pre-app = test ! -e broken\n' });
    const server = await serve(t, ['--ini', 'app.ini'], cwd);
    writeFileSync(join(cwd, 'broken'), '');
    server.signal('SIGHUP');
    await server.line(/the reload failed, the old workers go on serving: exec-pre-app = /);
    assert.equal((await fetchOnce(server.address('http-socket'), '/')).status, 200);
  });

  test('at the end changes nothing of the end', async (t) => {
    const server = await serve(t, ['--exec-as-user-atexit', 'exit 7', '--exec-as-user-atexit', 'echo the last word']);
    assert.equal((await server.stop('SIGTERM')).status, 0);
    assert.match(server.log, /command "exit 7" exited[^]*the last word/);
  });
});

describe('exit', () => {
  for (const moment of ['asap', 'master-start']) {
    test(`ends the server with its status: hook-${moment}`, async (t) => {
      const { status, output } = await runServer(t, [...SERVE.split(' '), `--hook-${moment}`, 'exit:33']);
      assert.equal(status, 33, output);
    });
  }
});

describe('a touched file', () => {
  test('runs the command of touch-exec and the hook of hook-touch, time and again', async (t) => {
    const cwd = tempDir(t, { file: '' });
    const server = await serve(t, ['--touch-exec', 'file echo x >>commands; exit 7', '--hook-touch', 'file append:hooks y'], cwd);
    for (const times of [1, 2]) {
      utimesSync(join(cwd, 'file'), times, times);
      await eventually(
        `touched ${times} times`,
        () => contents(cwd, 'commands') === 'x\n'.repeat(times) && contents(cwd, 'hooks') === 'y'.repeat(times),
      );
    }
    await server.line(/touch-exec = .*exited with non-zero code: 7/);
    assert.equal((await fetchOnce(server.address('http-socket'), '/')).status, 200);
  });
});

test('hook-master-start can let SIGTERM stop gracefully where it would reload', async (t) => {
  const cwd = tempDir(t, { 'app.ini': '[uwsgi]\ndie-on-term = false\nhook-master-start = unix_signal:15 gracefully_kill_them_all\n' });
  const server = await serve(t, ['--ini', 'app.ini'], cwd);
  assert.equal((await server.stop('SIGTERM')).status, 0);
});

function contents(cwd: string, name: string): string {
  const path = join(cwd, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
