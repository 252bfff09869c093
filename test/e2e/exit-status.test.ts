/** What the process that started a server learns from its end: the table in docs/deploying.md. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fetchOnce } from '../helpers/http.ts';
import { runServer, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

describe('a server that is told to stop ends with', () => {
  for (const { flags, status } of [
    { flags: '-M', status: 0 },
    { flags: '', status: 30 },
  ]) {
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM'] as const) {
      test(`${String(status)} after ${signal}${flags === '' ? ', without a master' : ''}`, async (t) => {
        const server = await startServer(t, `--http 127.0.0.1:0 --wsgi-file hello.py ${flags}`);
        server.signal(signal);
        assert.deepEqual(await server.finished(), { status, signal: null });
      });
    }
  }
});

describe('a server that cannot come up ends with', () => {
  const FILES = { 'broken.py': 'raise RuntimeError("broken on purpose")\n', 'nothing.py': 'nothing = 1\n', 'web.ini': '[uwsgi\n' };
  for (const { what, words, status } of [
    { what: 'no application at all', words: '--http-socket web.sock -M', status: 22 },
    { what: 'an application that fails', words: '--http-socket web.sock -M --wsgi-file broken.py', status: 22 },
    { what: 'the same, loaded by each worker', words: '--http-socket web.sock -M --lazy-apps --wsgi-file broken.py', status: 22 },
    { what: 'the same, without a master', words: '--http-socket web.sock --wsgi-file broken.py', status: 22 },
    { what: 'a callable that is missing', words: '--http-socket web.sock -M --wsgi-file nothing.py', status: 22 },
    { what: 'no address', words: '-M --wsgi-file nothing.py', status: 1 },
    { what: 'an address that cannot be had', words: '--http-socket nowhere/web.sock -M --wsgi-file nothing.py', status: 1 },
    { what: 'an unknown option', words: '--nosuch', status: 1 },
    { what: 'a config file that is missing', words: 'missing.ini', status: 1 },
    { what: 'a user that does not exist', words: '--http-socket web.sock -M --wsgi-file nothing.py --uid nosuch', status: 1 },
    { what: 'a directory that does not exist', words: '--http-socket web.sock -M --wsgi-file nothing.py --chdir nowhere', status: 1 },
    { what: 'a virtualenv that does not exist', words: '--http-socket web.sock -M --wsgi-file nothing.py -H nowhere', status: 1 },
    { what: 'a pid file to signal that is missing', words: '--stop nowhere.pid', status: 1 },
  ]) {
    test(`${String(status)}: ${what}`, async (t) => {
      const outcome = await runServer(t, words, { cwd: tempDir(t, FILES) });
      assert.deepEqual([outcome.status, outcome.signal], [status, null], outcome.output);
      assert.notEqual(outcome.output, '');
      assert.doesNotMatch(outcome.output, /^\s+at .*\.(ts|js):/m, 'no stack trace of ours');
    });
  }
});

describe('without a master, a server ends as its last worker did:', () => {
  for (const { path, status } of [
    { path: '/os-exit', status: 7 },
    { path: '/sys-exit', status: 7 },
    { path: '/kill', status: 137 },
  ]) {
    test(`${String(status)} after ${path}`, async (t) => {
      const server = await startServer(t, '--http 127.0.0.1:0 --wsgi-file exit.py', { stopStatus: 'any' });
      await fetchOnce(server.address('http'), path).catch(() => undefined);
      assert.deepEqual(await server.finished(), { status, signal: null });
    });
  }
});

test('die-on-term = false: SIGTERM reloads and SIGINT ends it', async (t) => {
  const cwd = tempDir(t, {
    'web.ini': '[uwsgi]\nhttp-socket = web.sock\nmaster = true\nwsgi-file = app.py\ndie-on-term = false\n',
    'app.py': APP,
  });
  const server = await startServer(t, 'web.ini', { cwd, stopSignal: 'SIGINT' });
  server.signal('SIGTERM');
  await server.line(/SIGTERM: reloading/);
  await server.line(/reloaded: 1 new workers serve/);
  assert.equal((await fetchOnce({ path: join(cwd, 'web.sock') }, '/')).text, 'up');
  assert.deepEqual(await server.stop('SIGINT'), { status: 0, signal: null });
});

const APP = `def application(environ, start_response):
    start_response("200 OK", [])
    return [b"up"]
`;
