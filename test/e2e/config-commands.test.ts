/** The commands about configuration, through the real binary. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test, type TestContext } from 'node:test';
import { runServer, SERVER, type Outcome, type ServerOptions } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

const SITE = `; the site
[uwsgi]
base = /srv/site
ini = common.ini
# where it lives
chdir = %(base)/src
pythonpath = %(base)/lib
pythonpath = %(base)/vendor
http = 127.0.0.1:$(PORT)
chmod-socket = 660
env = MOTTO=one = two; three
if-env = NOWHERE
threads = 9
else =
threads = 2
endif =
`;
const FILES = { 'site.ini': SITE, 'common.ini': '[uwsgi]\nmaster = true\nworkers = 3\n' };

/** Runs a command in a folder with the site in it; it has to end well. */
async function succeed(t: TestContext, words: string, options: ServerOptions = {}): Promise<Outcome> {
  const outcome = await runServer(t, words, { cwd: tempDir(t, FILES), env: { PORT: '8080' }, ...options });
  assert.equal(outcome.status, 0, outcome.output);
  return outcome;
}

interface Shown {
  readonly name: string;
  readonly value: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly origin: string;
}

/** The entries of a file as `config show` tells them, without the one that names the file. */
async function entriesOf(t: TestContext, file: string, options: ServerOptions = {}): Promise<Shown[]> {
  const { stdout } = await succeed(t, `config show --format json ${file}`, options);
  return (JSON.parse(stdout) as Shown[]).slice(1);
}

describe('config show', () => {
  test('includes are in their place, placeholders and conditions are worked out', async (t) => {
    const { stdout } = await succeed(t, 'config show site.ini');
    const lines = stdout.split('\n').filter((line) => !/^(if|else|end)/.test(line));
    assert.deepEqual(lines, [
      '[uwsgi]',
      'ini = site.ini',
      'base = /srv/site',
      'ini = common.ini',
      'master = true',
      'workers = 3',
      'chdir = /srv/site/src',
      'pythonpath = /srv/site/lib',
      'pythonpath = /srv/site/vendor',
      'http = 127.0.0.1:8080',
      'chmod-socket = 660',
      'env = MOTTO=one = two; three',
      'threads = 2',
      '',
    ]);
  });

  test('as JSON each entry has its place', async (t) => {
    const entries = await entriesOf(t, 'site.ini');
    assert.deepEqual(
      entries.find(({ name }) => name === 'workers'),
      { name: 'workers', value: '3', file: 'common.ini', line: 3, origin: 'common.ini:3' },
    );
  });

  for (const { format, pattern } of [
    { format: 'yaml', pattern: /^uwsgi:\n[^]*chdir: .*\/srv\/site\/src/ },
    { format: 'xml', pattern: /<uwsgi>[^]*<chdir>\/srv\/site\/src<\/chdir>/ },
  ]) {
    test(`as ${format}`, async (t) => {
      assert.match((await succeed(t, `config show --format ${format} site.ini`)).stdout, pattern);
    });
  }

  test('a whole command line, with the environment before it', async (t) => {
    const env = { PORT: '80', UWSGI_LISTEN: '50' };
    const { stdout } = await succeed(t, 'config show -- -M --ini common.ini -p4', { env });
    assert.equal(stdout, '[uwsgi]\nlisten = 50\nmaster = true\nini = common.ini\nmaster = true\nworkers = 3\nprocesses = 4\n');
  });

  test('a section of a file', async (t) => {
    const cwd = tempDir(t, { 'app.ini': '[uwsgi]\nthreads = 1\n[two]\nthreads = 2\n' });
    const entries = await entriesOf(t, 'app.ini:two', { cwd });
    assert.deepEqual(
      entries.map(({ name, value }) => [name, value]),
      [['threads', '2']],
    );
  });

  test('standard input', () => {
    const { stdout, status } = pipe('[uwsgi]\nthreads = 2\n', 'config', 'show', '-');
    assert.equal(stdout, '[uwsgi]\nini = -\nthreads = 2\n');
    assert.equal(status, 0);
  });

  test('what is wrong is told, and the rest is shown', async (t) => {
    const cwd = tempDir(t, { 'app.ini': '[uwsgi]\nthreads = many\nproceses = 2\nprocesses = 4\n' });
    const { status, stdout, stderr } = await runServer(t, 'config show app.ini', { cwd });
    assert.equal(status, 1);
    assert.match(stdout, /processes = 4/);
    assert.match(stderr, /app\.ini:2.*"threads" takes/);
    assert.match(stderr, /app\.ini:3.*proceses/);
  });

  test('the final value of each option, its default and its place', async (t) => {
    const { stdout } = await succeed(t, 'config show --effective site.ini');
    assert.match(stdout, /^option +value +default +set by$/m);
    assert.match(stdout, /^processes +3 +1 +common\.ini:3$/m);
    assert.match(stdout, /^pythonpath +\/srv\/site\/lib, \/srv\/site\/vendor +– +site\.ini:7, site\.ini:8$/m);
    assert.doesNotMatch(stdout, /^harakiri /m);
  });

  test('the same of all options, for programs', async (t) => {
    const { stdout } = await succeed(t, 'config show --effective --all --format json site.ini');
    const options = JSON.parse(stdout) as { name: string; value: unknown; default: unknown; origins: string[] }[];
    assert.deepEqual(
      options.find(({ name }) => name === 'harakiri'),
      { name: 'harakiri', value: 0, default: 0, origins: [] },
    );
  });

  test('nothing to show is a mistake', async (t) => {
    const { status, stderr } = await runServer(t, 'config show');
    assert.equal(status, 2);
    assert.match(stderr, /name a config file/);
  });
});

describe('config convert', () => {
  test('through all formats and back, the server sees the same', async (t) => {
    const cwd = tempDir(t, FILES);
    const before = await entriesOf(t, 'site.ini', { cwd });
    let text = SITE;
    for (const [from, to] of [
      ['ini', 'yaml'],
      ['yaml', 'xml'],
      ['xml', 'json'],
      ['json', 'ini'],
    ] as const) {
      const { stdout, stderr, status } = pipe(text, 'config', 'convert', '-', '--from', from, '--to', to);
      assert.equal(status, 0, stderr);
      text = stdout;
    }
    const after = await entriesOf(t, 'site.ini', { cwd: tempDir(t, { ...FILES, 'site.ini': text }) });
    assert.deepEqual(after.map(pairOf), before.map(pairOf));
  });

  test('comments go with it where the format has them', async (t) => {
    assert.match((await succeed(t, 'config convert site.ini --to yaml')).stdout, /# where it lives\n.*chdir: /);
  });

  test('sections that are left out are named', async (t) => {
    const cwd = tempDir(t, { 'app.ini': '[uwsgi]\nini = :base\n[base]\nthreads = 2\n' });
    const { stderr, stdout } = await succeed(t, 'config convert app.ini --to json', { cwd });
    assert.match(stderr, /app\.ini: only \[uwsgi\] is converted, not \[base\]/);
    assert.match(stderr, /app\.ini:2: "ini = :base" names a section/);
    assert.deepEqual(JSON.parse(stdout), { uwsgi: { ini: ':base' } });
  });

  test('another section can be asked for', async (t) => {
    const cwd = tempDir(t, { 'app.ini': '[uwsgi]\n[base]\nthreads = 2\n' });
    const { stdout } = await succeed(t, 'config convert app.ini --to json --section base', { cwd });
    assert.deepEqual(JSON.parse(stdout), { base: { threads: 2 } });
  });

  test('a section that is not there is an error', async (t) => {
    const { status, stderr } = await runServer(t, 'config convert site.ini --to json --section two', { cwd: tempDir(t, FILES) });
    assert.equal(status, 1);
    assert.match(stderr, /no section \[two\]/);
  });
});

test('config explain says what each line does', async (t) => {
  const { stdout } = await succeed(t, 'config explain site.ini');
  assert.match(stdout, /site\.ini:3: base = \/srv\/site\n +No option but a placeholder, used in site\.ini:6/);
  assert.match(stdout, /common\.ini:3: workers = 3\n +How many workers to fork\.\n +Another name of "processes"\./);
  assert.match(stdout, /site\.ini:13: threads = 9\n[^]*?Passed over/);
});

test('config schema is a schema', async (t) => {
  const schema = JSON.parse((await succeed(t, 'config schema')).stdout) as { $schema: string };
  assert.match(schema.$schema, /2020-12/);
});

test('the completion of bash knows the commands and their flags', async (t) => {
  const { stdout } = await succeed(t, 'autocomplete bash');
  const probe = `${stdout}\nCOMP_WORDS=(tsuwsgi config show --eff) COMP_CWORD=3; _tsuwsgi; echo "\${COMPREPLY[@]}"`;
  assert.equal(spawnSync('bash', ['--norc', '-c', probe], { encoding: 'utf8' }).stdout, '--effective\n');
});

for (const words of ['config', 'config --help', 'help config']) {
  test(`${words}: the commands about config files`, async (t) => {
    const { stdout } = await succeed(t, words);
    for (const command of ['show', 'convert', 'explain', 'schema', 'validate']) assert.match(stdout, new RegExp(`config ${command} `));
  });
}

test('help config show has its flags', async (t) => {
  assert.match((await succeed(t, 'help config show')).stdout, /--effective/);
});

/** Runs the binary with this text on its standard input. */
function pipe(text: string, ...words: string[]) {
  const [command = '', ...first] = SERVER;
  return spawnSync(command, [...first, ...words], { input: text, encoding: 'utf8', cwd: '/', env: { PATH: process.env['PATH'] } });
}

function pairOf({ name, value }: Shown): [string, string] {
  return [name, value];
}
