/** Virtual environments and where an application finds its modules. Real uWSGI says what is right. */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { fetchOnce } from '../helpers/http.ts';
import { PYTHON } from '../helpers/paths.ts';
import { startUwsgi } from '../helpers/peers.ts';
import { NOT_ROOT, requires } from '../helpers/requirements.ts';
import { runServer, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { makeVirtualenv, otherInterpreters, versionOf } from '../helpers/virtualenvs.ts';

const HTTP = '--http-socket 127.0.0.1:0 --master';

/** What an application sees of the place that it runs in. sys.executable is uWSGI itself there, unless it is set. */
const SEEN = `import json, os, sys
def application(environ, start_response):
    start_response("200 OK", [])
    names = [name for name in os.environ if name.startswith(("T_", "PYTHON", "HOME", "VIRTUAL_ENV"))]
    flags = [sys.flags.no_site, sys.flags.optimize]
    executable = sys.executable if sys.executable == "/srv/python" else None
    seen = [sys.path, sys.prefix, sys.argv, os.getcwd(), {name: os.environ[name] for name in sorted(names)}, flags, executable]
    return [json.dumps(seen).encode()]
`;

/** A project in proj/, with venv/ and folders of modules beside it. */
function project(t: TestContext, application = SEEN): string {
  const directory = tempDir(t, {
    'proj/app.py': application,
    'libs/one/a.py': '',
    'libs/two/b.py': '',
    'libs/three.egg': '',
    'more/c.py': '',
  });
  makeVirtualenv(join(directory, 'venv'));
  return directory;
}

const serve = (t: TestContext, words: string, cwd: string) => startServer(t, `${HTTP} ${words}`, { cwd });

async function answerOf(t: TestContext, words: string, cwd: string): Promise<string> {
  const server = await serve(t, words, cwd);
  return (await fetchOnce(server.address('http-socket'), '/')).text;
}

describe('an application finds what it finds under uWSGI', () => {
  for (const [words, folder] of [
    ['-w app'],
    ['-w app --home ../venv'],
    ['-w app --virtualenv ../venv/ --pythonpath ../more --env T_A=1'],
    ['-w app --venv ../venv --pp ../libs/* --python-path ../nosuch --pythonpath ../more --env T_A=1 --env T_B= --unenv HOME --pyargv one'],
    ['-w app -H ../venv --unenv T_A --env T_A=1 --env T_B=1 --unenv T_B --env T_A=2=3 --pyargv first --pyargv last'],
    ['-w app --pyhome ../venv --no-site --pp ../libs/t[wx]o'],
    ['-w app --no-site -O 2'],
    ['-w app --optimize 1 --pp ../{libs,more} --pp ~ --pp ../libs/three.egg'],
    ['-w app --home /usr --py-executable /srv/python'],
    ['-w app --py-programname ../venv/bin/python3'],
    ['-w app --home ../venv --env PYTHONPATH=../more --env VIRTUAL_ENV=/x --env PYTHON_EGG_CACHE=/tmp'],
    ['--wsgi-file app.py --chdir2 /usr --pp .. --py-call-osafterfork --single-interpreter'],
    ['--chdir proj -w app --home ../venv --pp ../more', '.'],
    ['--wsgi-file proj/app.py --pp proj/../more --home venv --lazy-apps', '.'],
  ] as const) {
    test(`with ${words}`, { skip: requires('uwsgi', 'uwsgi-plugin-python3') }, async (t) => {
      const cwd = join(project(t), folder ?? 'proj');
      const theirs = await startUwsgi(t, `${HTTP} ${words}`, cwd);
      const expected = (await fetchOnce(theirs.address, '/')).text;
      assert.match(expected, /^\[\[/);
      // uWSGI marks a folder with a slash where it is when the option is read, before --chdir.
      const agreed = folder === '.' && words.includes('--chdir') ? expected.replace('"../more"', '"../more/"') : expected;
      assert.equal(await answerOf(t, words, cwd), agreed);
    });
  }

  test('but a pattern is seen from chdir, where what it finds is of use', async (t) => {
    const text = await answerOf(t, '--chdir proj -w app --pp ../libs/t*', project(t));
    assert.deepEqual((JSON.parse(text) as string[][])[0]?.slice(0, 4), ['../libs/two/', '../libs/three.egg', '.', '']);
  });
});

test('two servers have two versions of a package', async (t) => {
  const application =
    'import shop\nfrom shop.cart import NAME\ndef application(e, s):\n  s("200 OK", [])\n  return [(NAME + shop.VERSION).encode()]\n';
  const directory = project(t, application);
  const versions = await Promise.all(
    ['1.4', '2.0'].map(async (version) => {
      const packages = { 'shop/__init__.py': `VERSION = "${version}"\n`, 'shop/cart.py': `NAME = "cart ${version} of "\n` };
      makeVirtualenv(join(directory, `venv${version}`), { packages });
      return answerOf(t, `-w app -H ../venv${version}`, join(directory, 'proj'));
    }),
  );
  assert.deepEqual(versions, ['cart 1.4 of 1.4', 'cart 2.0 of 2.0']);
});

test('a reload takes the virtualenv to which a link leads now', async (t) => {
  const application = 'import shop\ndef application(e, s):\n  s("200 OK", [])\n  return [shop.VERSION.encode()]\n';
  const directory = project(t, application);
  for (const version of ['1', '2']) {
    makeVirtualenv(join(directory, `venv${version}`), { packages: { 'shop.py': `VERSION = "${version}"\n` } });
  }
  const link = join(directory, 'current');
  symlinkSync('venv1', link);
  const server = await serve(t, `-w app -H ${link}`, join(directory, 'proj'));
  const version = async () => (await fetchOnce(server.address('http-socket'), '/')).text;
  assert.equal(await version(), '1');
  rmSync(link);
  symlinkSync('venv2', link);
  server.signal('SIGHUP');
  await server.line(/reloaded: /);
  assert.equal(await version(), '2');
});

describe('a virtualenv of another Python', () => {
  const application =
    'import sys, shop\ndef application(e, s):\n  s("200 OK", [])\n  return [("%d.%d " % sys.version_info[:2] + shop.VERSION).encode()]\n';
  for (const python of otherInterpreters()) {
    const version = versionOf(python);
    const isOld = /^2|^3\.[0-7]$/.test(version);
    test(`${version} ${isOld ? 'is too old' : 'is run by that'}`, async (t) => {
      const directory = project(t, application);
      const [venv, cwd] = [join(directory, 'other'), join(directory, 'proj')];
      makeVirtualenv(venv, { python, settings: isOld ? `version = ${version}.1\n` : '', packages: { 'shop.py': 'VERSION = "1"\n' } });
      if (!isOld) return assert.equal(await answerOf(t, `-w app -H ${venv}`, cwd), `${version} 1`);
      const { status, output } = await runServer(t, `${HTTP} -w app -H ${venv}`, { cwd });
      assert.equal(status, 1);
      assert.ok(output.includes(`${venv} is for Python ${version}, and tsuwsgi needs Python 3.8 or later`), output);
    });
  }

  test('that is too old says so itself where its files do not', async (t) => {
    const directory = project(t);
    makeVirtualenv(join(directory, 'old'));
    const path = join(directory, 'old/bin/python3');
    const code = `import runpy, sys; sys.version_info = (3, 7, 16); sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name="__main__")`;
    rmSync(path);
    writeFileSync(path, `#!/bin/sh\nexec ${PYTHON} -c '${code}' "$@"\n`);
    chmodSync(path, 0o755);
    const { status, output } = await runServer(t, `${HTTP} -w app -H old`, { cwd: directory });
    assert.equal(status, 1);
    assert.match(output, /tsuwsgi needs Python 3\.8 or later; \S+ is \S+\. Choose another one/);
  });
});

describe('what is wrong with a virtualenv is said with what to do:', () => {
  for (const { what, words, message } of [
    { what: 'it is not there', words: '-H ../none', message: /the virtualenv \/.*\/none does not exist\n.*python3 -m venv \/.*\/none/ },
    { what: 'its interpreter is named', words: '-H ../venv/bin/python3', message: /is not a directory\n.*virtualenv = \/.*\/venv\n/ },
    { what: 'it is below a tilde', words: '-H ~/venv', message: /only a shell makes a home directory of "~"\n.*\$\(HOME\)\/venv/ },
    {
      what: 'it is seen from chdir',
      words: '--chdir .. -H ../venv',
      message: /relative paths are seen from chdir\n.*virtualenv = \/.*\/venv\n/,
    },
    { what: 'it is none', words: '-H ../libs', message: /libs is no virtualenv/ },
  ]) {
    test(what, async (t) => {
      const { status, output } = await runServer(t, `${HTTP} -w app ${words}`, { cwd: join(project(t), 'proj') });
      assert.equal(status, 1);
      assert.match(output, message);
    });
  }

  for (const more of ['', ' --master-as-root']) {
    test(`a folder on the way is closed to the user of the server${more}`, { skip: NOT_ROOT }, async (t) => {
      const directory = project(t);
      mkdirSync(join(directory, 'secret'), { mode: 0o700 });
      makeVirtualenv(join(directory, 'secret/venv'));
      const words = `${HTTP}${more} --uid www-data --gid www-data -w app -H ../secret/venv`;
      const { status, output } = await runServer(t, words, { cwd: join(directory, 'proj') });
      assert.equal(status === 0, false);
      assert.ok(output.includes(`the user www-data cannot enter ${directory}/secret, which is on the way to it; let that user in`), output);
    });
  }

  test('its packages are for another Python', async (t) => {
    const directory = project(t, 'import shop\n');
    makeVirtualenv(join(directory, 'moved'));
    mkdirSync(join(directory, 'moved/lib/python3.1/site-packages/shop'), { recursive: true });
    const { output } = await runServer(t, `${HTTP} -w app -H ../moved`, { cwd: join(directory, 'proj') });
    assert.match(
      output,
      /No module named 'shop'; shop is in \/.*\/moved\/lib\/python3\.1\/site-packages, and this is Python 3\.\d+: make the virtualenv anew/,
    );
  });

  test('config validate sees it, too', async (t) => {
    const cwd = tempDir(t, { 'app.ini': '[uwsgi]\nhttp = 127.0.0.1:0\nmaster = true\nmodule = app\nhome = venv\n' });
    makeVirtualenv(join(cwd, 'venv'), { settings: 'version = 2.7.18\n' });
    const { status, stdout } = await runServer(t, 'config validate app.ini', { cwd });
    assert.equal(status, 1);
    assert.match(
      stdout,
      /^app\.ini:5: error: the virtualenv \/.*\/venv is for Python 2\.7, .*; port the application .* \(broken-virtualenv\)\n$/,
    );
  });
});

describe('Paste', () => {
  const SHOP = `import logging, os, sys
def make(global_conf, **local):
    def application(environ, start_response):
        start_response("200 OK", [])
        root = logging.getLogger()
        return [repr((sorted(global_conf.items()), local, sys.argv, os.getcwd(), root.level, len(root.handlers))).encode()]
    return application
`;
  const INI = `[uwsgi]
threads = 2
[app:main]
paste.app_factory = shop:make
place = %(here)s
[app:other]
paste.app_factory = shop:make
name = other
[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys =
[logger_root]
level = ERROR
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
`;
  const PACKAGES = requires('uwsgi', 'uwsgi-plugin-python3', 'python3-pastedeploy');
  const FILES = { 'conf/shop.ini': INI, 'shop.py': SHOP };

  for (const words of [
    '--paste config:CWD/conf/shop.ini',
    '--paste config:CWD/conf/shop.ini#other --pyargv x',
    '--paste config:CWD/conf/shop.ini --paste-logger',
    '--paste config:CWD/conf/shop.ini --eval nosuch',
    '--ini-paste conf/shop.ini',
    '--ini-paste-logged conf/shop.ini',
    '--mount /shop=config:CWD/conf/shop.ini',
  ]) {
    test(`makes the application as under uWSGI: ${words}`, { skip: PACKAGES }, async (t) => {
      const cwd = tempDir(t, FILES);
      const line = words.replaceAll('CWD', cwd);
      const theirs = await startUwsgi(t, `${HTTP} ${line}`, cwd);
      const expected = (await fetchOnce(theirs.address, '/')).text;
      assert.match(expected, /^\(\[\('__file__', .*shop\.ini'\)/);
      const ours = await startServer(t, `${HTTP} --python ${PYTHON} ${line}`, { cwd });
      assert.equal((await fetchOnce(ours.address('http-socket'), '/')).text, expected);
      await ours.line(/^application config:\/.*shop\.ini(#other)? (at \/shop )?loaded in /);
      assert.equal(ours.log.includes('2 threads'), words.startsWith('--ini-paste'));
    });
  }

  test('finds a relative file, a section by name, and values for what the logging of pserve has', { skip: PACKAGES }, async (t) => {
    const cwd = tempDir(t, { ...FILES, 'conf/shop.ini': INI.replace('(sys.stderr,)', "(open('%(here)s/paste.log', 'w'),)") });
    const words = `${HTTP} --python ${PYTHON} --paste config:conf/shop.ini --paste-name other --paste-logger`;
    const server = await startServer(t, words, { cwd });
    assert.match((await fetchOnce(server.address('http-socket'), '/')).text, /\{'name': 'other'\}.*, 40, 1\)$/);
  });

  test('is named where it is not installed', async (t) => {
    const cwd = tempDir(t, FILES);
    makeVirtualenv(join(cwd, 'venv'));
    const { status, output } = await runServer(t, `${HTTP} -H venv --paste config:conf/shop.ini`, { cwd });
    assert.equal(status, 22);
    assert.match(output, /tsuwsgi: paste needs PasteDeploy, .* the Debian package python3-pastedeploy, .*pip install PasteDeploy/);
  });

  test('wants to know what kind of thing is named', async (t) => {
    const { status, output } = await runServer(t, `${HTTP} --paste shop.ini`);
    assert.equal(status, 1);
    assert.match(output, /"paste" takes a scheme and what it names, such as config:\/srv\/app\/production\.ini, not "shop\.ini"/);
  });
});

test('the Python of a whole installation elsewhere is a home, too', async (t) => {
  const directory = project(t);
  // Its interpreter finds the library of the system by itself; what makes it whole is looked at only.
  mkdirSync(join(directory, 'opt/bin'), { recursive: true });
  cpSync(PYTHON, join(directory, 'opt/bin/python3'), { dereference: true });
  mkdirSync(join(directory, `opt/lib/python${versionOf(PYTHON)}`), { recursive: true });
  writeFileSync(join(directory, `opt/lib/python${versionOf(PYTHON)}/os.py`), '');
  const { output } = await runServer(t, `${HTTP} -w nosuch -H opt`, { cwd: directory });
  assert.ok(!output.includes('TSU_VIRTUALENV'), output);
});
