/** Servers that are started from config files of every format, and what such a file may ask for besides. */
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { fetchOnce } from '../helpers/http.ts';
import { APPS } from '../helpers/paths.ts';
import { runServer, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

/** A folder with these config files and the hello world beside them. */
function site(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = tempDir(t, files);
  copyFileSync(join(APPS, 'hello.py'), join(folder, 'hello.py'));
  return folder;
}

describe('every format serves', () => {
  for (const [name, text] of Object.entries({
    'app.ini': '[uwsgi]\nwhere = 127.0.0.1\nhttp = %(where):0\nchdir = %d\nwsgi-file = hello.py\nmaster = true\n',
    'app.yaml': 'uwsgi:\n  where: 127.0.0.1\n  http: "%(where):0"\n  chdir: "%d"\n  wsgi-file: hello.py\n  master: true\n',
    'app.yml': 'uwsgi:\n  http: 127.0.0.1:0\n  chdir: %d\n  wsgi-file: hello.py\n  master: true\n',
    'app.xml': '<uwsgi><http>127.0.0.1:$(PORT)</http><chdir>%d</chdir><wsgi-file>hello.py</wsgi-file><master/></uwsgi>',
    'app.json': '{"uwsgi": {"http": "127.0.0.1:$(PORT:-0)", "chdir": "%d", "wsgi-file": "hello.py", "master": true}}',
  })) {
    test(name, async (t) => {
      const server = await startServer(t, [join(site(t, { [name]: text }), name)], { env: { PORT: '0' } });
      assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello World!');
    });
  }
});

test('logic and includes decide what is served', async (t) => {
  const cwd = site(t, {
    'app.ini':
      '[uwsgi]\nif-env = STAGE\nini = :%(_)\nelse =\nini = :dev\nendif =\nwsgi-file = hello.py\n\n[dev]\nprocesses = 1\n\n[prod]\nhttp = 127.0.0.1:0\nprocesses = %(base + 1)\nset-placeholder = base=1\nmaster = true\n',
  });
  const server = await startServer(t, '--set-placeholder base=2 app.ini', { cwd, env: { STAGE: 'prod' } });
  await server.line(/ready: 3 workers/);
  assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello World!');
});

test('a reload reads the configuration as one', async (t) => {
  const cwd = site(t, {
    'app.ini': '[uwsgi]\nhttp = 127.0.0.1:0\nmaster = true\nwsgi-file = hello.py\nif-reload =\nenv = AGAIN=%(%k * 0 + 1)\nendif =\n',
  });
  const server = await startServer(t, 'app.ini', { cwd });
  server.signal('SIGHUP');
  await server.line(/reloaded: 1 new workers serve/);
  assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello World!');
});

describe('what happens at once', () => {
  test('print and show-config go to standard output, and exit ends with its status', async (t) => {
    const cwd = site(t, { 'app.ini': '[uwsgi]\nname = x\nprint = hello %(name)\nshow-config =\nexit = 7\n' });
    const { status, stdout } = await runServer(t, '--ini app.ini', { cwd });
    assert.equal(status, 7);
    assert.equal(
      stdout,
      'hello x\n\n;uWSGI instance configuration\n[uwsgi]\nini = app.ini\nname = x\nprint = hello x\nshow-config = \nexit = 7\n;end of configuration\n\n',
    );
  });

  test('--exit alone is a failure, as in uWSGI', async (t) => {
    assert.equal((await runServer(t, '--exit')).status, 1);
    assert.equal((await runServer(t, '--exit=3')).status, 3);
  });

  test('fallback-config is served when the configuration does not come up', async (t) => {
    const cwd = site(t, {
      'app.ini': '[uwsgi]\nfallback-config = other.ini\nhttp = 127.0.0.1:0\nwsgi-file = hello.py\nprocesses = many\n',
      'other.ini': '[uwsgi]\nhttp = 127.0.0.1:0\nwsgi-file = hello.py\n',
    });
    const server = await startServer(t, 'app.ini', { cwd });
    await server.line(/app\.ini:5: "processes" takes a whole number.*\n?/);
    await server.line(/starting with other\.ini instead/);
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello World!');
  });

  test('a fallback that fails as well is the end', async (t) => {
    const cwd = site(t, { 'app.ini': '[uwsgi]\nfallback-config = app.ini\nprocesses = many\n' });
    const { status, stderr } = await runServer(t, 'app.ini', { cwd });
    assert.equal(status, 1);
    assert.match(stderr, /"processes" takes a whole number/);
  });
});

describe('what goes wrong is said with file, line and option', () => {
  for (const { name, text, said } of [
    { name: 'a.yaml', text: 'uwsgi: {a: 1\n', said: /a\.yaml:\d: .*YAML/ },
    { name: 'a.json', text: '{"uwsgi": {\n"processes": 2,}}', said: /a\.json:2: .*JSON/ },
    { name: 'a.xml', text: '<uwsgi>\n<processes>2</proc></uwsgi>', said: /a\.xml:2: .*XML/ },
    { name: 'a.ini', text: '[uwsgi]\nhttp = :$(NO_SUCH_PORT)\n', said: /a\.ini:2: .*NO_SUCH_PORT is not set/ },
    { name: 'b.ini', text: '[uwsgi]\nini = b.ini\n', said: /b\.ini:2: .*includes itself/ },
    { name: 'c.ini', text: '[uwsgi]\na = y%(a)\n', said: /c\.ini:2: .*never come to an end/ },
  ]) {
    test(`${name}: ${text.replaceAll('\n', ' ')}`, async (t) => {
      const { status, stderr } = await runServer(t, name, { cwd: site(t, { [name]: text }) });
      assert.equal(status, 1);
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, /\n\s+at /, 'no stack trace');
    });
  }
});
