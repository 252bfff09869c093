/** An emperor: a server for each config file, started, reloaded and stopped as the files come, change and go. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { findRuntimeDirectories } from '../../src/core/util/runtime-directory.ts';
import { type Child, launch } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { exchange, fetchOnce } from '../helpers/http.ts';
import { APPS } from '../helpers/paths.ts';
import { allGone, isAlive, processInfo } from '../helpers/processes.ts';
import { NOT_ROOT, requires } from '../helpers/requirements.ts';
import { launchServer, runServer, SERVER, type ServerOptions } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

/** Debian's user and group without rights. */
const NOBODY = 65534;

/** A vassal that listens beside its file, on a socket of the same name. */
const vassal = (app = 'hello.py', ...more: readonly string[]): string =>
  ['[uwsgi]', 'http-socket = %d%n.sock', `wsgi-file = ${join(APPS, app)}`, ...more, ''].join('\n');

/** One that answers with what an expression of Python says. */
const telling = (expression: string, ...more: readonly string[]): string => {
  const application = `eval = import os; application = lambda e, s: (s("200 OK", []), [(${expression}).encode()])[1]`;
  return ['[uwsgi]', 'http-socket = %d%n.sock', application, ...more, ''].join('\n');
};

/** Says what the environment variable FOO is. */
const tellingFoo = (...more: readonly string[]): string => telling('os.environ.get("FOO", "unset")', ...more);

interface Court {
  readonly emperor: Child;
  /** Where the files of the vassals are. */
  readonly folder: string;
  /** Writes a file, in one step. */
  readonly put: (name: string, text: string) => void;
  /** As touch(1) would, if its clock were right. */
  readonly touch: (name: string) => void;
  readonly get: (name: string, path?: string) => Promise<string>;
  /** The nth time that the emperor says this of a vassal. */
  readonly says: (name: string, what: string, nth?: number) => Promise<RegExpExecArray>;
  readonly pidOf: (name: string) => number;
}

interface Reign {
  readonly words?: string;
  /** Its config files besides those of the vassals, beside their folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly options?: ServerOptions;
}

let seconds = 0;

/** An emperor with these vassals, all of which are ready. */
async function startEmperor(
  t: TestContext,
  vassals: Readonly<Record<string, string>>,
  { words, files, options }: Reign = {},
): Promise<Court> {
  const cwd = tempDir(t, files);
  const folder = join(cwd, 'vassals');
  mkdirSync(folder);
  for (const [name, text] of Object.entries(vassals)) writeFileSync(join(folder, name), text);
  // Files of the vassals' own users are made here, too.
  chmodSync(folder, 0o777);
  const emperor = launchServer(t, words ?? '--emperor vassals --emperor-throttle 200', { cwd, ...options });
  const says = (name: string, what: string, nth = 1) => emperor.line(new RegExp(`\\[emperor\\] vassal ${name}: ${what}`), nth);
  const court: Court = {
    emperor,
    folder,
    put: (name, text) => {
      writeFileSync(join(cwd, name), text);
      renameSync(join(cwd, name), join(folder, name));
    },
    touch: (name) => {
      const at = Date.now() / 1000 + ++seconds;
      utimesSync(join(folder, name), at, at);
    },
    get: async (name, path = '/') => (await fetchOnce({ path: join(folder, `${name}.sock`) }, path)).text,
    says,
    pidOf: (name) => Number(emperor.lines(new RegExp(`vassal ${name}: started \\(pid (\\d+)\\)`)).at(-1)?.[1]),
  };
  await emperor.line(/\[emperor\] ready: /);
  for (const name of Object.keys(vassals)) if (!name.startsWith('bad')) await says(name, 'ready after');
  return court;
}

// At the same time: they mostly wait.
describe('an emperor', { concurrency: 3 }, () => {
  test('serves a plain application, Flask and Django, and stops them all on SIGTERM with status 0', async (t) => {
    const { emperor, get } = await startEmperor(t, {
      'plain.ini': vassal(),
      'flask.yaml': `uwsgi:\n  http-socket: "%dflask.sock"\n  wsgi-file: ${join(APPS, 'flask-site.py')}\n`,
      'django.xml': `<uwsgi><http-socket>%ddjango.sock</http-socket><chdir>${join(APPS, 'django-site')}</chdir><module>mysite.wsgi</module></uwsgi>`,
    });
    assert.equal(await get('plain'), 'Hello World!');
    assert.equal(await get('flask'), '<h1>Hello World</h1>');
    assert.match(await get('django'), /Hello/);
    assert.equal((await emperor.stop('SIGTERM')).status, 0);
    assert.deepEqual(emperor.lines(/\] vassal .*: stopped/).length, 3);
  });

  test('starts a vassal when its file comes and stops it when that goes, with what is in flight', async (t) => {
    const { emperor, folder, put, get, says } = await startEmperor(t, { 'one.ini': vassal() });
    put('two.ini', vassal('sleep.py'));
    await says('two.ini', 'ready after');
    const slow = get('two', '/slow?1');
    await emperor.line(/began \/slow/);
    rmSync(join(folder, 'two.ini'));
    await says('two.ini', 'its file is gone: stopping');
    assert.equal(await slow, 'done');
    await says('two.ini', 'stopped');
    assert.equal(await get('one'), 'Hello World!');
    put('two.ini', vassal());
    await says('two.ini', 'ready after', 2);
    assert.equal(await get('two'), 'Hello World!');
  });

  test('reloads a vassal whose file is touched or edited, and no other', async (t) => {
    const { emperor, put, touch, get, says, pidOf } = await startEmperor(t, { 'one.ini': vassal('pid.py'), 'two.ini': tellingFoo() });
    const [first, master] = [await get('one'), pidOf('one.ini')];
    touch('one.ini');
    await says('one.ini', 'changed: reloading');
    await emperor.line(/reloaded: 1 new workers serve/);
    assert.notEqual(await get('one'), first, 'another worker');
    assert.equal(pidOf('one.ini'), master, 'the same server');
    put('two.ini', tellingFoo('env = FOO=edited'));
    await emperor.line(/reloaded: 1 new workers serve/, 2);
    assert.equal(await get('two'), 'edited');
    assert.equal(emperor.lines(/changed: reloading/).length, 2);
  });

  test('holds back a vassal that does not come up, longer each time, until its file is mended', async (t) => {
    const { emperor, put, get, says } = await startEmperor(t, { 'good.ini': vassal(), 'bad.ini': vassal('hello.py', 'processes = many') });
    await emperor.line(/bad\.ini:4: "processes" takes a whole number/);
    await says('bad.ini', 'ended with status 1 before it was ready');
    await says('bad.ini', 'next try in 0\\.2 s, or when its file changes');
    await says('bad.ini', 'next try in 0\\.4 s');
    await says('bad.ini', 'next try in 0\\.8 s');
    assert.equal(await get('good'), 'Hello World!');
    put('bad.ini', vassal());
    await says('bad.ini', 'ready after');
    assert.equal(await get('bad'), 'Hello World!');
  });

  test('does not wait longer than emperor-max-throttle, and a touch lifts the pause', async (t) => {
    const words = '--emperor vassals --emperor-throttle 600000 --emperor-max-throttle 500000';
    const { touch, says } = await startEmperor(t, { 'bad.ini': '[uwsgi]\nhttp-socket = %d%n.sock\nmodule = nowhere\n' }, { words });
    await says('bad.ini', 'ended with status 22 before it was ready');
    await says('bad.ini', 'next try in 500 s');
    touch('bad.ini');
    await says('bad.ini', 'ended with status 22 before it was ready', 2);
  });

  test('goes on with the old code when the edited file of a running vassal is broken', async (t) => {
    const { emperor, put, get, pidOf } = await startEmperor(t, { 'one.ini': vassal() });
    const pid = pidOf('one.ini');
    put('one.ini', vassal('hello.py', 'processes = many'));
    await emperor.line(/the reload failed.*"processes" takes a whole number/);
    assert.equal(await get('one'), 'Hello World!');
    assert.equal(pidOf('one.ini'), pid);
  });

  test('starts a vassal again that was killed, at the same address, and nothing of the old one is left', async (t) => {
    const { emperor, get, says, pidOf } = await startEmperor(t, { 'one.ini': vassal('sleep.py') });
    const pid = pidOf('one.ini');
    const before = emperor.family().filter(({ pid: one }) => one !== emperor.pid);
    assert.ok(before.length >= 4, 'a master, a gateway, a spawner, a worker');
    const slow = get('one', '/slow?30').catch(() => undefined);
    await emperor.line(/began \/slow/);
    process.kill(pid, 'SIGKILL');
    await says('one.ini', 'ended with SIGKILL');
    await allGone(
      before.map((one) => one.pid),
      500,
    );
    await slow;
    assert.deepEqual(
      findRuntimeDirectories().filter((one) => one.pid === pid),
      [],
    );
    await says('one.ini', 'ready after', 2);
    assert.notEqual(pidOf('one.ini'), pid);
    assert.equal(await get('one'), 'done');
  });

  test('SIGHUP reloads all vassals', async (t) => {
    const { emperor, get } = await startEmperor(t, { 'one.ini': vassal('pid.py'), 'two.ini': vassal('pid.py') });
    const before = [await get('one'), await get('two')];
    emperor.signal('SIGHUP');
    await emperor.line(/reloaded: 1 new workers serve/, 2);
    assert.notEqual(await get('one'), before[0]);
    assert.notEqual(await get('two'), before[1]);
  });

  test('SIGTERM waits for what is in flight, SIGINT does not', async (t) => {
    for (const { signal, answer } of [
      { signal: 'SIGTERM', answer: 'done' },
      { signal: 'SIGINT', answer: undefined },
    ] as const) {
      const { emperor, get } = await startEmperor(t, { 'one.ini': vassal('sleep.py') });
      const slow = get('one', '/slow?1.5').catch(() => undefined);
      await emperor.line(/began \/slow/);
      assert.equal((await emperor.stop(signal)).status, 0);
      assert.equal((await slow) === 'done' ? 'done' : undefined, answer, signal);
    }
  });

  test('with die-on-term = false SIGTERM reloads', async (t) => {
    const words = '--emperor vassals --set die-on-term=false';
    const { emperor } = await startEmperor(t, { 'one.ini': vassal() }, { words, options: { stopSignal: 'SIGINT' } });
    emperor.signal('SIGTERM');
    await emperor.line(/\[emperor\] SIGTERM: reloading all vassals/);
    await emperor.line(/reloaded: 1 new workers serve/);
  });

  test('kills a vassal that does not stop within emperor-curse-tolerance', async (t) => {
    const words = '--emperor vassals --emperor-curse-tolerance 1';
    const { emperor, get, says } = await startEmperor(t, { 'one.ini': vassal('sleep.py') }, { words });
    const slow = get('one', '/slow?30').catch(() => undefined);
    await emperor.line(/began \/slow/);
    assert.equal((await emperor.stop('SIGTERM')).status, 0);
    await says('one.ini', 'has not stopped for 1 s: killing it');
    await slow;
  });

  test('nothing is left when it is killed', async (t) => {
    const { emperor } = await startEmperor(
      t,
      { 'one.ini': vassal(), 'two.ini': vassal() },
      { options: { stopSignal: 'SIGKILL', stopStatus: 'any' } },
    );
    const family = emperor.family().map(({ pid }) => pid);
    assert.ok(family.length >= 9);
    emperor.signal('SIGKILL');
    await allGone(family, 5_000);
    await eventually('both have said why', () => emperor.lines(/the emperor is gone: stopping at once/).length === 2);
  });

  test('each vassal is a session of its own', async (t) => {
    const { emperor, pidOf } = await startEmperor(t, { 'one.ini': vassal() });
    assert.equal(sessionOf(pidOf('one.ini')), pidOf('one.ini'));
    assert.notEqual(sessionOf(emperor.pid), pidOf('one.ini'));
  });
});

// At the same time: they mostly wait.
describe('which files are vassals', { concurrency: 3 }, () => {
  test('those whose names are of config files, and no hidden ones, folders or others', async (t) => {
    const { emperor, folder, put, says } = await startEmperor(t, { 'one.ini': vassal() });
    mkdirSync(join(folder, 'folder.ini'));
    for (const name of ['.hidden.ini', 'readme.txt', 'two.ini.bak', 'three.conf']) put(name, vassal());
    put('four.json', JSON.stringify({ uwsgi: { 'http-socket': join(folder, 'four.sock'), 'wsgi-file': join(APPS, 'hello.py') } }));
    await says('four.json', 'ready after');
    assert.deepEqual(
      emperor.lines(/vassal (\S+): started/).map(([, name]) => name),
      ['one.ini', 'four.json'],
    );
  });

  test('those of emperor-extra-extension, which are read as INI files', async (t) => {
    const { get } = await startEmperor(t, { 'one.conf': vassal() }, { words: '--emperor vassals --emperor-extra-extension conf' });
    assert.equal(await get('one'), 'Hello World!');
  });

  test('those that a pattern finds, a file that is named, and those of a directory that comes later', async (t) => {
    const cwd = tempDir(t, { 'sites/one/app.ini': vassal(), 'sites/two/other.ini': vassal(), 'single.ini': vassal() });
    const words = '--emperor sites/*/app.ini --emperor single.ini --emperor dir://later --emperor-freq 1';
    const emperor = launchServer(t, words, { cwd });
    await emperor.line(/vassal \S+sites\/one\/app\.ini: ready after/);
    await emperor.line(/vassal \S+single\.ini: ready after/);
    assert.equal((await fetchOnce({ path: join(cwd, 'sites/one/app.sock') }, '/')).text, 'Hello World!');
    mkdirSync(join(cwd, 'sites/three'));
    writeFileSync(join(cwd, 'sites/three/app.ini'), vassal());
    mkdirSync(join(cwd, 'later'));
    writeFileSync(join(cwd, 'later/late.ini'), vassal());
    await emperor.line(/vassal \S+sites\/three\/app\.ini: ready after/);
    await emperor.line(/vassal late\.ini: ready after/);
    assert.equal(emperor.lines(/vassal .*: started/).length, 4);
  });

  test('a file that is replaced by renaming, as editors do it, is reloaded and not started anew', async (t) => {
    const { emperor, folder, says, pidOf } = await startEmperor(t, { 'one.ini': vassal() });
    const pid = pidOf('one.ini');
    renameSync(join(folder, 'one.ini'), join(folder, 'one.ini~'));
    writeFileSync(join(folder, 'one.ini'), vassal('hello.py', 'threads = 2'));
    await says('one.ini', 'changed: reloading');
    await emperor.line(/worker 1 .*serving, 2 threads/);
    assert.equal(pidOf('one.ini'), pid);
  });

  test('the target of a symbolic link counts, and the link itself with emperor-nofollow', async (t) => {
    for (const { words, isFollowed } of [
      { words: '--emperor vassals --emperor-freq 1', isFollowed: true },
      { words: '--emperor vassals --emperor-freq 1 --emperor-nofollow', isFollowed: false },
    ]) {
      const { folder, emperor, put, says } = await startEmperor(t, {}, { words, files: { 'target.ini': vassal() } });
      const target = join(folder, '../target.ini');
      symlinkSync(target, join(folder, 'link.ini'));
      await says('link.ini', 'ready after');
      utimesSync(target, 1, 1);
      if (isFollowed) await says('link.ini', 'changed: reloading');
      else {
        // Later than a change would have been seen.
        put('next.ini', vassal());
        await says('next.ini', 'ready after');
        assert.equal(emperor.lines(/changed: reloading/).length, 0);
      }
    }
  });
});

describe('what vassals are given', () => {
  test('options in front of their own and behind them, and the emperor’s environment', async (t) => {
    const { get } = await startEmperor(
      t,
      { 'own.ini': tellingFoo('env = FOO=own'), 'plain.ini': tellingFoo(), 'named.ini': tellingFoo('env = FOO=%(who) of %(house)') },
      {
        words: 'emperor.ini',
        files: {
          'emperor.ini':
            '[uwsgi]\nemperor = vassals\nenv = FOO=emperor\nvassals-set = who=set\nvassals-include-before = %dbefore.ini\nvassals-inherit = %dafter.ini\n',
          'before.ini': '[uwsgi]\nhouse = before-%n\n',
          'after.ini': '[uwsgi]\nthreads = 3\n',
        },
      },
    );
    assert.equal(await get('own'), 'own');
    assert.equal(await get('plain'), 'emperor');
    assert.equal(await get('named'), 'set of before-before');
  });

  test('a master, and a daemon stays where the emperor sees it', async (t) => {
    const { folder, get } = await startEmperor(t, { 'one.ini': vassal('hello.py', 'daemonize = %d%n.log') });
    assert.equal(await get('one'), 'Hello World!');
    assert.match(readFileSync(join(folder, 'one.log'), 'utf8'), /gateway \(pid \d+\) listening[^]*ready: 1 worker/);
  });

  test('master = false saves the gateway’s process, and the emperor replaces a server that ends', async (t) => {
    const { emperor, touch, get, says } = await startEmperor(t, { 'one.ini': vassal('pid.py', 'master = false') });
    assert.equal(emperor.lines(/gateway \(pid/).length, 0);
    touch('one.ini');
    await emperor.line(/reloaded: 1 new workers serve/);
    process.kill(Number((await get('one')).split(' ')[0]), 'SIGKILL');
    await says('one.ini', 'ended with status \\d+');
    await says('one.ini', 'ready after', 2);
    assert.match(await get('one'), /^\d+ uWSGIWorker/);
  });

  test('no variable of the emperor’s own configuration, and the link to it is no application’s business', async (t) => {
    const names = '",".join(sorted(n for n in os.environ if "UWSGI_" in n and "TEST" not in n))';
    const { get } = await startEmperor(
      t,
      { 'one.ini': telling(names) },
      { words: '', options: { env: { UWSGI_EMPEROR: 'vassals', UWSGI_THREADS: '2' } } },
    );
    assert.equal(await get('one'), 'UWSGI_THREADS');
  });
});

describe('beside uWSGI', { skip: requires('uwsgi', 'uwsgi-plugin-python3') }, () => {
  const either = vassal('sleep.py', 'plugin = python3');

  test('its servers are our vassals: started, reloaded, and stopped gracefully', async (t) => {
    const { emperor, folder, touch, get, says } = await startEmperor(
      t,
      { 'one.ini': either },
      { words: '--emperor vassals --emperor-wrapper /usr/bin/uwsgi' },
    );
    touch('one.ini');
    await emperor.line(/gracefully \(RE\)spawned uWSGI master process/);
    const slow = get('one', '/slow?1');
    await emperor.line(/began \/slow/);
    rmSync(join(folder, 'one.ini'));
    assert.equal(await slow, 'done');
    await says('one.ini', 'stopped');
  });

  test('our servers are its vassals', async (t) => {
    const cwd = tempDir(t, { 'vassals/one.ini': either, tsuwsgi: `#!/bin/sh\nexec ${SERVER.join(' ')} "$@"\n` });
    chmodSync(join(cwd, 'tsuwsgi'), 0o755);
    const emperor = launch(t, {
      command: 'uwsgi',
      words: ['--emperor', 'vassals', '--emperor-wrapper', join(cwd, 'tsuwsgi'), '--emperor-freq', '1'],
      cwd,
      stopSignal: 'SIGINT',
      stopStatus: [0],
    });
    await emperor.line(/\[emperor\] vassal one\.ini is ready to accept requests/);
    const file = join(cwd, 'vassals/one.ini');
    const later = Date.now() / 1000 + 10;
    utimesSync(file, later, later);
    await emperor.line(/the emperor: reloading/);
    await emperor.line(/reloaded: 1 new workers serve/);
    rmSync(file);
    await emperor.line(/the emperor: stopping at once/);
    await emperor.line(/removed uwsgi instance one\.ini/);
  });
});

describe('heartbeats', () => {
  test('a vassal that sends them and then none is killed and started again', async (t) => {
    const words = '--emperor vassals --emperor-required-heartbeat 2 --emperor-throttle 10';
    const { says, pidOf } = await startEmperor(t, { 'one.ini': vassal('hello.py', 'heartbeat = 1') }, { words });
    process.kill(pidOf('one.ini'), 'SIGSTOP');
    await says('one.ini', 'no heartbeat for 2 s: killing it');
    await says('one.ini', 'ready after', 2);
  });
});

describe('an emperor as a process of its machine', () => {
  test('goes to the background, with pid files, and takes the orders of commands', async (t) => {
    const cwd = tempDir(t, { 'vassals/one.ini': vassal() });
    const words = '--emperor vassals --pidfile emperor.pid --emperor-pidfile second.pid --vacuum -d emperor.log --emperor-procname court';
    const starter = launchServer(t, words, { cwd, stopStatus: 'any' });
    assert.equal((await starter.finished()).status, 0);
    const log = (): string => readFileSync(join(cwd, 'emperor.log'), 'utf8');
    await eventually('the vassal', () => log().includes('one.ini: ready after'));
    const pid = Number(readFileSync(join(cwd, 'emperor.pid'), 'utf8'));
    assert.equal(readFileSync(join(cwd, 'second.pid'), 'utf8'), `${String(pid)}\n`);
    assert.match(processInfo(pid)?.command ?? '', /^court/);

    const order = async (text: string): Promise<string> => (await runServer(t, text, { cwd })).output;
    assert.match(await order('reload emperor.pid'), /1 vassal told to reload/);
    await eventually('the reload', () => log().includes('reloaded: 1 new workers serve'));
    assert.match(await order('stats emperor.pid'), /"id": "one\.ini"/);
    assert.match(await order('scale 3 emperor.pid'), /"scale" is an order for a vassal, .* \d+ \(one\.ini\)/);
    assert.match(await order('stop emperor.pid'), /stopped/);
    assert.equal(isAlive(pid), false);
    assert.equal(existsSync(join(cwd, 'emperor.pid')), false);
    assert.deepEqual(starter.family(), []);
  });

  test('--stop with its pid file ends it', async (t) => {
    const { emperor } = await startEmperor(t, { 'one.ini': vassal() }, { words: '--emperor vassals --pidfile emperor.pid' });
    await runServer(t, ['--stop', join(`/proc/${String(emperor.pid)}/cwd`, 'emperor.pid')]);
    assert.equal((await emperor.finished()).status, 0);
  });

  test('tells how its vassals are in uWSGI’s words', async (t) => {
    const words = '--emperor vassals --emperor-stats stats.sock --emperor-throttle 60000';
    const { emperor, folder, says, pidOf } = await startEmperor(
      t,
      { 'one.ini': vassal(), 'bad.ini': '[uwsgi]\nthreads = no\n' },
      { words },
    );
    await says('bad.ini', 'next try');
    const text = (await exchange({ path: join(folder, '../stats.sock') }, '')).toString();
    const { vassals, blacklist, ...rest } = JSON.parse(text) as Record<string, Record<string, unknown>[]>;
    assert.deepEqual([rest['pid'], rest['emperor'], rest['throttle_level']], [emperor.pid, ['vassals'], 60_000]);
    const one = vassals?.find(({ id }) => id === 'one.ini');
    assert.deepEqual(
      [one?.['pid'], one?.['ready'], one?.['accepting'], one?.['loyal'], one?.['respawns'], one?.['cursed']],
      [pidOf('one.ini'), 1, 1, 0, 0, 0],
    );
    assert.equal(one?.['last_mod'], Math.floor(statSync(join(folder, 'one.ini')).mtimeMs / 1000));
    assert.deepEqual(
      blacklist?.map(({ id, throttle_level, attempt }) => [id, throttle_level, attempt]),
      [['bad.ini', 60_000, 1]],
    );
  });

  test('says which of its options have no effect on it, and refuses an application of its own', async (t) => {
    const { emperor } = await startEmperor(t, {}, { words: '--emperor vassals --master -p 2 --logger stdio --emperor-stats 0.0.0.0:0' });
    await emperor.line(/without effect on an emperor: processes, logger /);
    await emperor.line(/stats on 0\.0\.0\.0:\d+ \(warning: whoever reaches it may read them/);
    const refused = await runServer(t, '--emperor vassals --http-socket 127.0.0.1:0 --wsgi-file hello.py');
    assert.equal(refused.status, 1);
    assert.match(refused.output, /an emperor serves no application/);
  });

  for (const { words, expected } of [
    { words: '--emperor pg://db', expected: /there is no monitor "pg"/ },
    { words: '--emperor vassals --emperor-tyrant --uid nobody', expected: /emperor-tyrant does not go with uid/ },
    { words: '--emperor vassals --emperor-on-demand-directory /run', expected: /emperor-on-demand-directory.*\n?.*cheap/ },
  ]) {
    test(`${words} is refused with a remedy`, async (t) => {
      const { status, output } = await runServer(t, words);
      assert.equal(status, 1, output);
      assert.match(output, expected);
    });
  }

  test('is a vassal of another one', async (t) => {
    const { emperor, folder, put } = await startEmperor(t, {}, { options: { stopSignal: 'SIGKILL', stopStatus: 'any' } });
    mkdirSync(join(folder, 'inner'));
    writeFileSync(join(folder, 'inner/one.ini'), vassal());
    put('inner.ini', `[uwsgi]\nemperor = ${join(folder, 'inner')}\n`);
    await emperor.line(/vassal one\.ini: ready after/);
    const family = emperor.family().map(({ pid }) => pid);
    emperor.signal('SIGKILL');
    await allGone(family, 5_000);
  });
});

describe('an emperor that is root', { skip: NOT_ROOT }, () => {
  test('is the user of uid, and so are its vassals', async (t) => {
    const cwd = tempDir(t, { 'vassals/one.ini': vassal('pid.py') });
    chownSync(join(cwd, 'vassals'), NOBODY, NOBODY);
    const emperor = launchServer(t, '--emperor vassals --uid nobody --gid nogroup', { cwd });
    await emperor.line(/vassal one\.ini: ready after/);
    for (const { pid } of emperor.family()) assert.deepEqual(usersOf(pid), [NOBODY], String(pid));
  });

  test('emperor-tyrant runs each vassal as the owner of its file, whatever that says, and none as root', async (t) => {
    const { folder, get, put, says } = await startEmperor(
      t,
      { 'bad-root.ini': vassal() },
      { words: '--emperor vassals --emperor-tyrant --emperor-throttle 60000' },
    );
    await says('bad-root.ini', 'cannot be started: emperor-tyrant: its file belongs to root');
    put('own.ini', telling('repr((os.getresuid(), os.getresgid(), os.getgroups()))', 'uid = root', 'gid = root'));
    chownSync(join(folder, 'own.ini'), 1000, 1001);
    await says('own.ini', 'ready after');
    assert.equal(await get('own'), '((1000, 1000, 1000), (1001, 1001, 1001), [])');
    chownSync(join(folder, 'own.ini'), NOBODY, NOBODY);
    await says('own.ini', 'belongs to somebody else now');
    await says('own.ini', 'ready after', 2);
    assert.match(await get('own'), /^\(\(65534/);
  });
});

function sessionOf(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
}

/** Real, effective, saved and of the file system, each once. */
function usersOf(pid: number): readonly number[] {
  const [, ids = ''] = /^Uid:\s+(.*)$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'latin1')) ?? [];
  return [...new Set(ids.split(/\s+/).map(Number))];
}
