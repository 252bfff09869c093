/** The command line: what it prints about itself, how it reads its words, and one clear message for each thing that can be wrong. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { fetchOnce } from '../helpers/http.ts';
import { APPS, VERSION } from '../helpers/paths.ts';
import { onEnd } from '../helpers/scope.ts';
import { runServer, startServer, type Outcome, type ServerOptions } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

/** uWSGI's own status for "no application could be loaded". */
const NO_APPLICATION = 22;

/** Everything else that keeps a server from coming up. */
const FAILED = 1;

describe('what it says about itself', () => {
  test('--version names the version', async (t) => {
    const { status, stdout } = await runServer(t, '--version');
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`\\b${VERSION.replaceAll('.', '\\.')}\\b`));
  });

  test('--help shows the flags under headings', async (t) => {
    const { status, stdout } = await runServer(t, '--help');
    assert.equal(status, 0);
    for (const flag of ['--http', '--socket', '--wsgi-file', '--master', '--processes', '--harakiri', '--stats', '--daemonize']) {
      assert.ok(stdout.includes(flag), `--help shows ${flag}`);
    }
    assert.ok((stdout.match(/^[A-Z][A-Z &/-]+$/gm) ?? []).length >= 3, 'several headings');
  });

  test('serve --help is about the same command', async (t) => {
    const { status, stdout } = await runServer(t, 'serve --help');
    assert.equal(status, 0);
    assert.ok(stdout.includes('--wsgi-file'));
  });
});

describe('how words are read', () => {
  for (const words of [
    '--http 127.0.0.1:0 --wsgi-file hello.py --master --processes 2',
    '--http=127.0.0.1:0 --wsgi-file=hello.py -Mp2',
    '--http 127.0.0.1:0 --wsgi-file hello.py -M --processe 2',
    '--http 127.0.0.1:0 --wsgi-file hello.py -M -p 3 --workers=2',
    '--http 127.0.0.1:0 -w hello -M -p2',
    'serve --http 127.0.0.1:0 -w hello:application -M -p2',
  ]) {
    test(`${words}: two workers`, async (t) => {
      const server = await startServer(t, words);
      await server.line(/ready: 2 workers/);
      assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello World!');
    });
  }

  for (const { words, workers } of [
    { words: '--ini app.ini -p 2', workers: 2 },
    { words: '-p 2 --ini app.ini', workers: 3 },
    // As in uWSGI: a bare file is read after all flags, wherever it stands.
    { words: 'app.ini -p 2', workers: 3 },
  ]) {
    test(`what comes later wins: ${words}, where the file says 3`, async (t) => {
      const text = `[uwsgi]\nhttp = 127.0.0.1:0\nwsgi-file = ${join(APPS, 'hello.py')}\nprocesses = 3\nmaster = true\n`;
      const server = await startServer(t, words, { cwd: tempDir(t, { 'app.ini': text }) });
      await server.line(new RegExp(`ready: ${String(workers)} workers`));
    });
  }

  test('--ini reads a file, and comments in it mean nothing', async (t) => {
    const text = `; the site\n[uwsgi]\n# where\nhttp = 127.0.0.1:0\nwsgi-file = ${join(APPS, 'hello.py')}\n\n[other]\nhttp = nonsense\n`;
    const server = await startServer(t, '--ini app.ini', { cwd: tempDir(t, { 'app.ini': text }) });
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello World!');
  });
});

describe('what goes wrong', () => {
  const HTTP = '--http 127.0.0.1:0';

  test('a flag that does not exist: the nearest that does is named', async (t) => {
    await assertFails(t, `${HTTP} --wsgi-file hello.py --proceses 4`, { status: FAILED, naming: ['proceses', 'processes'] });
  });

  test('an unknown option in a file: file, line and the nearest are named', async (t) => {
    const cwd = tempDir(t, { 'app.ini': `[uwsgi]\nhttp = 127.0.0.1:0\nproceses = 4\nwsgi-file = ${join(APPS, 'hello.py')}\n` });
    const server = await startServer(t, 'app.ini', { cwd });
    assert.equal(server.lines(/app\.ini:3.*proceses/).length, 1, server.log);
    assert.match(server.log, /processes/);
  });

  test('an abbreviation of several flags', async (t) => {
    await assertFails(t, `${HTTP} --wsgi-file hello.py --s 4`, { status: FAILED, naming: ['--s'] });
  });

  test('a flag without its value', async (t) => {
    await assertFails(t, `${HTTP} --wsgi-file`, { status: FAILED, naming: ['wsgi-file'] });
  });

  test('a value for a flag that takes none', async (t) => {
    await assertFails(t, `${HTTP} --wsgi-file hello.py --master=yes`, { status: FAILED, naming: ['master'] });
  });

  for (const words of ['-p four', '--processes=-1', '--threads 2x', '--harakiri soon', '--buffer-size big']) {
    test(`a number that is none: ${words}`, async (t) => {
      const [, value = ''] = words.split(/[ =]/);
      await assertFails(t, `${HTTP} --wsgi-file hello.py ${words}`, { status: FAILED, naming: [value] });
    });
  }

  test('several bad values are told at once', async (t) => {
    await assertFails(t, `${HTTP} --wsgi-file hello.py -p four --threads two`, { status: FAILED, naming: ['four', 'two'] });
  });

  test('an ini file that does not exist', async (t) => {
    await assertFails(t, 'nowhere.ini', { status: FAILED, naming: ['nowhere.ini'] });
  });

  test('a directory in place of an ini file', async (t) => {
    const cwd = tempDir(t);
    mkdirSync(join(cwd, 'app.ini'));
    await assertFails(t, 'app.ini', { status: FAILED, naming: ['app.ini'], options: { cwd } });
  });

  test('a WSGI file that does not exist', async (t) => {
    await assertFails(t, `${HTTP} --wsgi-file nowhere.py`, { status: NO_APPLICATION, naming: ['nowhere.py'] });
  });

  test('a module that does not exist', async (t) => {
    await assertFails(t, `${HTTP} -w nowhere`, { status: NO_APPLICATION, naming: ['nowhere'] });
  });

  test('a file without the callable', async (t) => {
    await assertFails(t, `${HTTP} --wsgi-file nothing-on-import.py`, {
      status: NO_APPLICATION,
      naming: ['application', 'nothing-on-import.py'],
    });
  });

  test('a file without the callable that was named', async (t) => {
    const naming = ['wsgi_app', 'hello.py'];
    await assertFails(t, `${HTTP} --wsgi-file hello.py --callable wsgi_app`, { status: NO_APPLICATION, naming });
  });

  test('a callable that cannot be called', async (t) => {
    await assertFails(t, `${HTTP} --wsgi-file nothing-on-import.py --callable app`, { status: NO_APPLICATION, naming: ['app'] });
  });

  test('no application at all', async (t) => {
    await assertFails(t, HTTP, { status: NO_APPLICATION, naming: ['wsgi-file'] });
  });

  test('nothing to listen on', async (t) => {
    await assertFails(t, '--wsgi-file hello.py', { status: FAILED, naming: ['--http'] });
  });

  test('a port in use', async (t) => {
    const port = await takePort(t);
    for (const option of ['http', 'http-socket', 'socket']) {
      const words = `--${option} 127.0.0.1:${String(port)} --wsgi-file hello.py`;
      await assertFails(t, words, { status: FAILED, naming: [`127.0.0.1:${String(port)}`] });
    }
  });

  test('a port in use for the statistics', async (t) => {
    const port = await takePort(t);
    const words = `${HTTP} --wsgi-file hello.py --stats 127.0.0.1:${String(port)}`;
    await assertFails(t, words, { status: FAILED, naming: [`127.0.0.1:${String(port)}`] });
  });

  for (const address of ['127.0.0.1:99999', '127.0.0.1:http', 'nowhere.invalid:80', '192.0.2.1:8080', '/nowhere/at/all.sock']) {
    test(`an address that is none of ours: ${address}`, async (t) => {
      await assertFails(t, `--http-socket ${address} --wsgi-file hello.py`, { status: FAILED, naming: [address] });
    });
  }

  test('a virtualenv that does not exist', async (t) => {
    await assertFails(t, `${HTTP} --wsgi-file hello.py -H /nowhere/env`, { status: FAILED, naming: ['/nowhere/env'] });
  });

  test('a directory that is no virtualenv', async (t) => {
    const dir = tempDir(t);
    await assertFails(t, `${HTTP} --wsgi-file hello.py --virtualenv ${dir}`, { status: FAILED, naming: [dir] });
  });

  test('a virtualenv that may not be read', async (t) => {
    const dir = tempDir(t, { 'env/pyvenv.cfg': 'home = /usr/bin\n', 'env/bin/python': '#!/bin/false\n' });
    chmodSync(join(dir, 'env/bin/python'), 0o000);
    await assertFails(t, `${HTTP} --wsgi-file hello.py --virtualenv ${dir}/env`, { status: FAILED, naming: [`${dir}/env`] });
  });

  test('an interpreter that does not exist', async (t) => {
    await assertFails(t, `${HTTP} --wsgi-file hello.py --python /nowhere/python3`, { status: FAILED, naming: ['/nowhere/python3'] });
  });

  test('a directory to change to that does not exist', async (t) => {
    await assertFails(t, `${HTTP} --chdir /nowhere/at/all --wsgi-file hello.py`, { status: FAILED, naming: ['/nowhere/at/all'] });
  });

  test('a user who does not exist', async (t) => {
    await assertFails(t, `${HTTP} --wsgi-file hello.py --uid no-such-user`, { status: FAILED, naming: ['no-such-user'] });
  });
});

describe('an application that fails while it is imported', () => {
  const traceback = `Traceback (most recent call last):
  File "crash-on-import.py", line 12, in <module>
    configure()
  File "crash-on-import.py", line 5, in configure
    read_settings()
  File "crash-on-import.py", line 9, in read_settings
    raise ValueError("the settings are wrong")
ValueError: the settings are wrong
`;

  for (const flags of ['', '-M -p 2', '-M -p 2 --lazy-apps']) {
    test(`its traceback is shown whole, and none of ours${flags === '' ? '' : `: ${flags}`}`, async (t) => {
      const outcome = await assertFails(t, `--http 127.0.0.1:0 --wsgi-file crash-on-import.py ${flags}`, {
        status: NO_APPLICATION,
        naming: [],
      });
      assert.ok(outcome.output.includes(traceback), outcome.output);
    });
  }

  test('its cause is shown as well', async (t) => {
    const { output } = await assertFails(t, '--http 127.0.0.1:0 --wsgi-file crash-on-import-cause.py', {
      status: NO_APPLICATION,
      naming: [],
    });
    for (const text of ["KeyError: 'secret'", 'The above exception was the direct cause', 'RuntimeError: no secret']) {
      assert.ok(output.includes(text), `${text} is in: ${output}`);
    }
  });

  test('a syntax error is shown with its line', async (t) => {
    const cwd = tempDir(t, { 'broken.py': 'def application(:\n' });
    const { output } = await assertFails(t, '--http 127.0.0.1:0 -w broken', {
      status: NO_APPLICATION,
      naming: ['broken'],
      options: { cwd },
    });
    assert.match(output, /broken\.py", line 1/);
    assert.match(output, /SyntaxError/);
  });

  test('one that asks to exit is told as such', async (t) => {
    await assertFails(t, '--http 127.0.0.1:0 --wsgi-file exit-on-import.py', { status: NO_APPLICATION, naming: ['not today'] });
  });
});

interface Expected {
  readonly status: number;
  /** What the message must mention. */
  readonly naming: readonly string[];
  readonly options?: ServerOptions;
}

/** The server does not come up, says why, and shows nothing of its own inside. */
async function assertFails(t: TestContext, words: string, { status, naming, options = {} }: Expected): Promise<Outcome> {
  const outcome = await runServer(t, words, options);
  assert.equal(outcome.status, status, outcome.output);
  for (const text of naming) assert.ok(outcome.output.includes(text), `${text} is named in: ${outcome.output}`);
  assert.doesNotMatch(outcome.output, /^\s+at .*:\d+/m, 'no stack trace of Node');
  assert.doesNotMatch(outcome.output, /python\/tsuwsgi/, 'no frame of our runtime');
  assert.doesNotMatch(outcome.output, /\bready:/);
  return outcome;
}

async function takePort(t: TestContext): Promise<number> {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onEnd(t, () => {
    taken.close();
  });
  return (taken.address() as AddressInfo).port;
}
