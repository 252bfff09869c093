import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { homeOf, versionsApart, virtualenvInterpreter } from '../../../src/core/plan/virtualenv.ts';
import { ROOT } from '../../helpers/paths.ts';
import { NOT_ROOT } from '../../helpers/requirements.ts';
import { tempDir } from '../../helpers/temp.ts';

/** A virtualenv, by what differs from a sound one. `python` is where bin/python3 leads to. */
interface Made {
  readonly settings?: string;
  readonly python?: string;
  readonly files?: Readonly<Record<string, string>>;
}

const SOUND = 'home = /usr/bin\nversion = 3.11.2\n';

function make(scope: Parameters<typeof tempDir>[0], { settings = SOUND, python = '/bin/sh', files = {} }: Made = {}): string {
  const path = join(tempDir(scope, { 'venv/pyvenv.cfg': settings, ...files }), 'venv');
  mkdirSync(join(path, 'bin'), { recursive: true });
  symlinkSync(python, join(path, 'bin/python3'));
  return path;
}

const interpreterOf = (path: string, text = path) => virtualenvInterpreter({ text, path, otherPath: path });

test('the interpreter of a virtualenv is its bin/python3', (t) => {
  const path = make(t);
  assert.equal(interpreterOf(path), join(path, 'bin/python3'));
  assert.equal(homeOf(join(path, 'bin/python3')), '/usr/bin');
});

test('a folder with a whole Python is as good, and so is a virtualenv of the kind without pyvenv.cfg', (t) => {
  const path = make(t, { files: { 'venv/lib/python3.9/os.py': '' } });
  rmSync(join(path, 'pyvenv.cfg'));
  assert.equal(interpreterOf(path), join(path, 'bin/python3'));
});

for (const { what, made = {}, change = () => undefined, ask = (path: string) => path, message, suggestion } of [
  {
    what: 'is missing',
    ask: (path: string) => `${path}2`,
    message: /venv2 does not exist$/,
    suggestion: /^create it: python3 -m venv \/.*venv2$/,
  },
  { what: 'is below what is missing', ask: (path: string) => `${path}2/a/b`, message: /b does not exist: there is no .*venv2$/ },
  { what: 'is a file', ask: (path: string) => `${path}/pyvenv.cfg`, message: /is not a directory$/ },
  {
    what: 'is its interpreter',
    ask: (path: string) => join(path, 'bin/python3'),
    message: /bin\/python3 is not a directory$/,
    suggestion: /^name the folder: virtualenv = \/.*\/venv$/,
  },
  {
    what: 'is its bin',
    ask: (path: string) => join(path, 'bin'),
    message: /bin is no virtualenv: it has neither a pyvenv\.cfg nor the library of a Python$/,
    suggestion: /^name the one that is there: virtualenv = \/.*\/venv$/,
  },
  { what: 'is the folder around it', ask: dirname, message: /is no virtualenv/, suggestion: /virtualenv = \/.*\/venv$/ },
  {
    what: 'is for Python 2',
    made: { settings: 'version_info = 2.7.18.final.0' },
    message: /is for Python 2\.7, and/,
    suggestion: /^port the application/,
  },
  {
    what: 'is for an old Python 3',
    made: { settings: 'version = 3.7.1' },
    message: /is for Python 3\.7, and tsuwsgi needs/,
    suggestion: /^make it anew/,
  },
  {
    what: 'is for Python 2 and of the kind without pyvenv.cfg',
    made: { files: { 'venv/lib/python2.7/os.py': '' } },
    change: (path: string) => rmSync(join(path, 'pyvenv.cfg')),
    message: /is for Python 2\.7/,
  },
  {
    what: 'has lost its pyvenv.cfg, without which its packages are not found',
    made: { files: { 'venv/lib/python3.11/site-packages/a.py': '' } },
    change: (path: string) => rmSync(join(path, 'pyvenv.cfg')),
    message: /is no virtualenv/,
  },
  {
    what: 'leads to a Python that is gone',
    made: { python: '/nowhere/bin/python3.11' },
    message: /no bin\/python3 that runs: python3 leads to \/nowhere\/bin\/python3\.11, which is not there$/,
    suggestion: /^make it anew: python3 -m venv --clear/,
  },
  {
    what: 'was copied from a machine with another Python',
    made: { python: '/nowhere/bin/python3', settings: 'home = /nowhere/bin' },
    message: /which is not there; the Python it was made with, in \/nowhere\/bin, is gone$/,
  },
  {
    what: 'has lost its bin',
    change: (path: string) => rmSync(join(path, 'bin'), { recursive: true }),
    message: /that runs: there is none$/,
  },
  {
    what: 'has lost its bin and its Python',
    made: { settings: 'home = /nowhere/bin' },
    change: (path: string) => rmSync(join(path, 'bin'), { recursive: true }),
    message: /that runs: the Python it was made with, in \/nowhere\/bin, is gone$/,
  },
  { what: 'has a text in the place of its Python', made: { python: '../pyvenv.cfg' }, message: /it is no program that this user may run$/ },
  {
    what: 'has nonsense in its pyvenv.cfg',
    made: { settings: 'home\nversion\n[home]\n', python: '/nowhere/x' },
    message: /leads to \/nowhere\/x, which is not there$/,
  },
] as readonly {
  what: string;
  made?: Made;
  change?: (path: string) => void;
  ask?: (path: string) => string;
  message: RegExp;
  suggestion?: RegExp;
}[]) {
  test(`a virtualenv that ${what} is refused with what to do`, (t) => {
    const path = make(t, made);
    change(path);
    assert.throws(
      () => interpreterOf(ask(path)),
      (error: Error & { code: string; suggestions: readonly string[] }) => {
        assert.equal(error.code, 'TSU_VIRTUALENV');
        assert.match(error.message, message);
        assert.match(error.suggestions[0] ?? '', suggestion ?? /./);
        return true;
      },
    );
  });
}

test('a tilde is for the shell', () => {
  assert.throws(() => interpreterOf('/srv/~/venv', '~/venv'), { message: /^the virtualenv ~\/venv does not exist: only a shell/ });
});

test('a relative path that is seen from chdir and was meant from elsewhere is told', (t) => {
  const path = make(t);
  assert.throws(() => virtualenvInterpreter({ text: 'venv', path: '/nowhere/venv', otherPath: path }), {
    message: 'the virtualenv /nowhere/venv does not exist: relative paths are seen from chdir',
    suggestions: [`name it in full: virtualenv = ${path}`],
  });
});

test('a folder on the way that keeps this user out is named', { skip: NOT_ROOT }, (t) => {
  const outer = tempDir(t, { 'secret/python': '' });
  chmodSync(join(outer, 'secret'), 0o700);
  const paths = [make(t, { python: join(outer, 'secret/python') }), join(outer, 'secret/venv')];
  const output = askAs(65_534, paths);
  assert.equal(
    output.match(/this user may not enter \/.*\/secret, which is on the way \(let the user of the server in/g)?.length,
    2,
    output,
  );
});

/** What is said of these virtualenvs to a user of this number. */
function askAs(uid: number, paths: readonly string[]): string {
  const code = `
    import { virtualenvInterpreter } from ${JSON.stringify(join(ROOT, 'src/core/plan/virtualenv.ts'))};
    for (const path of ${JSON.stringify(paths)}) {
      try {
        virtualenvInterpreter({ text: path, path, otherPath: path });
      } catch ({ message, suggestions }) {
        console.log(message + ' (' + suggestions + ')');
      }
    }`;
  const words = ['--import', 'tsx', '--input-type=module', '-e', code];
  return execFileSync(process.execPath, words, { uid, gid: uid, cwd: ROOT, encoding: 'utf8' });
}

test('packages for another Python than that of the virtualenv are found', (t) => {
  const path = make(t, { python: '../python3.11', files: { 'venv/lib/python3.9/site-packages/a.py': '', 'venv/python3.11': '' } });
  chmodSync(join(path, 'python3.11'), 0o755);
  const interpreter = interpreterOf(path);
  assert.deepEqual(versionsApart(path, interpreter), { packages: '3.9', interpreter: '3.11' });
  mkdirSync(join(path, 'lib/python3.11/site-packages'), { recursive: true });
  assert.equal(versionsApart(path, interpreter), undefined);
});
