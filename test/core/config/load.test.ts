import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { loadOptions, readConfig } from '../../../src/core/config/load.ts';
import { formatDiagnostic } from '../../../src/core/errors/diagnostic.ts';

const folder = mkdtempSync(join(tmpdir(), 'tsuwsgi-load-'));
after(() => rmSync(folder, { recursive: true }));

/** Writes a config file of these lines under [uwsgi] and returns its path. */
function file(name: string, ...lines: string[]): string {
  return rawFile(name, '[uwsgi]', ...lines);
}

function rawFile(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.join('\n'));
  return path;
}

function load(words: string[], environment: NodeJS.ProcessEnv = {}) {
  const { options, warnings, entries } = loadOptions(words, environment);
  return { options, entries, warnings: warnings.map((warning) => formatDiagnostic(warning).replaceAll(`${folder}/`, '')) };
}

describe('the order of sources', () => {
  const two = file('two.ini', 'processes = 2');

  for (const { what, words, environment, processes } of [
    { what: 'the environment alone', words: [], environment: { UWSGI_PROCESSES: '7' }, processes: 7 },
    { what: 'a flag over the environment', words: ['-p', '4'], environment: { UWSGI_PROCESSES: '7' }, processes: 4 },
    { what: 'a flag behind --ini over the file', words: ['--ini', two, '-p', '4'], environment: {}, processes: 4 },
    { what: 'the file over a flag before --ini', words: ['-p', '4', '--ini', two], environment: {}, processes: 2 },
    { what: 'a bare file over a flag behind it', words: [two, '-p', '4'], environment: {}, processes: 2 },
    { what: 'a file named in the environment', words: [], environment: { UWSGI_INI: two }, processes: 2 },
  ]) {
    test(`takes ${what}`, () => {
      assert.equal(load(words, environment).options.processes, processes);
    });
  }

  test('puts an included file in the place of its line', () => {
    const path = file('include.ini', 'threads = 8', `ini = ${file('base.ini', 'threads = 2', 'processes = 2')}`, 'processes = 5');
    const { threads, processes } = load([path]).options;
    assert.deepEqual({ threads, processes }, { threads: 2, processes: 5 });
  });

  test('remembers the file and line of each option', () => {
    const path = file('origin.ini', '', 'threads = 8');
    assert.deepEqual(load(['--ini', path]).entries.at(-1), { name: 'threads', text: '8', origin: { kind: 'file', path, line: 3 } });
  });
});

describe('sections', () => {
  const path = rawFile('sections.ini', '[uwsgi]', 'ini = :base', 'threads = 3', '[dev]', 'threads = 4', '[base]', 'processes = 6');

  test('a section can be named', () => {
    assert.equal(load(['--ini', `${path}:dev`]).options.threads, 4);
  });

  test(':section is another part of the same file', () => {
    const { threads, processes } = load([path]).options;
    assert.deepEqual({ threads, processes }, { threads: 3, processes: 6 });
  });

  test('a missing section is warned of with those that are there', () => {
    assert.deepEqual(load(['--ini', rawFile('capital.ini', '[UWSGI]', 'master = true')]).warnings, [
      'argument --ini: capital.ini has no section [uwsgi], only [UWSGI]: nothing was read from it; write "[uwsgi]" above its options',
    ]);
  });
});

describe('files that cannot be read', () => {
  mkdirSync(join(folder, 'folder.ini'));
  const self = rawFile('self.ini', '[uwsgi]', `ini = ${join(folder, 'self.ini')}`);
  const one = file('one.ini', `ini = ${join(folder, 'other.ini')}`);
  file('other.ini', `ini = ${one}`);

  for (const { what, words, code, message, advice } of [
    { what: 'a missing file', words: ['none.ini'], code: 'TSU_CONFIG_FILE', message: /none\.ini: there is no such file/, advice: /path/ },
    { what: 'a folder', words: [join(folder, 'folder.ini')], code: 'TSU_CONFIG_FILE', message: /it is a folder/, advice: /file in it/ },
    {
      what: 'another format behind --ini',
      words: ['--ini', 'a.xml'],
      code: 'TSU_CONFIG_FORMAT',
      message: /"ini" reads INI/,
      advice: /^write "xml = a\.xml", or "--xml a\.xml"$/,
    },
    {
      what: 'a Python file',
      words: ['server.py'],
      code: 'TSU_CONFIG_FORMAT',
      message: /"server.py"/,
      advice: /^write "--wsgi-file server.py"$/,
    },
    { what: 'a module', words: ['app:app'], code: 'TSU_CONFIG_FORMAT', message: /"app:app"/, advice: /^write "--module app:app"$/ },
    {
      what: 'a bare section',
      words: ['a.ini:dev'],
      code: 'TSU_CONFIG_FORMAT',
      message: /"a.ini:dev"/,
      advice: /^write "--ini a.ini:dev"$/,
    },
    { what: 'a mode apart from -C', words: ['-C', '660'], code: 'TSU_CONFIG_FORMAT', message: /"660"/, advice: /"-C660"/ },
    {
      what: 'a part of uWSGI itself',
      words: ['--ini', 'sym://config'],
      code: 'TSU_CONFIG_FORMAT',
      message: /part of uWSGI/,
      advice: /name a file/,
    },
    { what: ':section of no file', words: ['--ini', ':dev'], code: 'TSU_CONFIG_FORMAT', message: /names no file/, advice: /FILE:SECTION/ },
    {
      what: 'a file that includes itself',
      words: [self],
      code: 'TSU_CONFIG_CYCLE',
      message: /self\.ini:2: .* includes itself/,
      advice: /remove/,
    },
    {
      what: 'files that include each other',
      words: [one],
      code: 'TSU_CONFIG_CYCLE',
      message: /one.* → .*other.* → .*one/,
      advice: /remove/,
    },
  ]) {
    test(`${what} ends in an error that says what to do`, () => {
      assert.throws(
        () => load(words),
        (error: { code: string; message: string; suggestions: string[] }) => {
          assert.equal(error.code, code);
          assert.match(error.message, message);
          assert.match(error.suggestions[0] ?? '', advice);
          return true;
        },
      );
    });
  }

  test('a word that follows a mistyped option is not taken for a file', () => {
    assert.throws(() => load(['--proceses', '4']), { code: 'TSU_UNKNOWN_OPTION' });
  });
});

describe('keys that are no option', () => {
  test('are told with the nearest name, file and line, and ignored', () => {
    assert.deepEqual(load([file('typo.ini', 'proceses = 4', 'vaccum = true')]).warnings, [
      'typo.ini:2: there is no option "proceses"; it is ignored; write "processes"',
      'typo.ini:3: there is no option "vaccum"; it is ignored; write "vacuum"',
    ]);
  });

  test('are told apart from options that only uWSGI has', () => {
    assert.deepEqual(load([file('uwsgi.ini', 'skip-zero = true')]).warnings, [
      'uwsgi.ini:2: "skip-zero" is an option of uWSGI that tsuwsgi does not have; it is ignored; leave it out',
    ]);
  });

  test('are errors under strict, wherever that stands', () => {
    assert.throws(() => load([file('strict.ini', 'base = /srv', 'strict = true')]), {
      code: 'TSU_UNKNOWN_OPTION',
      message: /strict\.ini:2: there is no option "base"$/,
    });
  });

  test('are told once when the line has another sign in the place of "="', () => {
    assert.equal(load([file('sign.ini', 'virtualenv＝/srv/env')]).warnings.length, 1);
  });
});

describe('the environment', () => {
  test('sets options by their names in capitals', () => {
    const { options } = load([], { UWSGI_HTTP_SOCKET: ':8080', UWSGI_MASTER: '', PROCESSES: '3' });
    assert.deepEqual([options.httpSocket[0]?.text, options.master, options.processes], [':8080', true, 1]);
  });

  test('may hold other variables of that prefix', () => {
    assert.deepEqual(load([], { UWSGI_RELOADS: '1', UWSGI_SCHEME: 'https', UWSGI_WHEEL_CACHE: 'x' }).warnings, []);
  });

  test('is warned of where a variable is one letter away from an option', () => {
    assert.deepEqual(load([], { UWSGI_THREAD: '4' }).warnings, ['variable UWSGI_THREAD: there is no option "thread"; write UWSGI_THREADS']);
  });

  test('is named when it holds a bad value', () => {
    assert.throws(() => load([], { UWSGI_PROCESSES: 'many' }), { code: 'TSU_INVALID_VALUE', message: /UWSGI_PROCESSES/ });
  });
});

interface Vector {
  readonly name: string;
  readonly format: string;
  readonly input: string;
  readonly env: Record<string, string>;
  readonly libyaml_build: { readonly config?: string; readonly error?: readonly string[] };
}

const vectors = JSON.parse(readFileSync('test/fixtures/config/uwsgi-cases.json', 'utf8')) as Vector[];

/** docs/uwsgi-differences.md tells each of these to the user. */
const DIFFERENCES: Readonly<Record<string, { readonly why: string; readonly config: string }>> = {
  noend: { why: 'a block that is never closed is warned of', config: 'if-env = NOPE\n' },
  y8: { why: 'YAML with lines of its other dialect is read', config: 'master = true\nvacuum = True\nprocesses = 4\n' },
  y9: { why: 'YAML indented with tabs is read', config: 'master = true\n' },
  y16: { why: 'YAML without a blank behind the colon is read', config: 'env = A=1\nmaster = true\np = 2\n' },
};

describe('what the real uWSGI made of these files (2.0.21 with libyaml), and where tsuwsgi means to differ', () => {
  for (const { name, format, input, env, libyaml_build: uwsgi } of vectors) {
    const { why, config } = DIFFERENCES[name] ?? { why: undefined, config: uwsgi.config };
    test(`${name}: ${why ?? 'as uWSGI'}`, () => {
      const path = join(folder, `${name}.${format}`);
      writeFileSync(path, input);
      const { entries, diagnostics } = readConfig([`--${format}`, path], env, { environment: env, processors: 2 });
      const errors = diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
      if (config === undefined) {
        assert.equal(errors.length, 1, `an error as uWSGI's: ${String(uwsgi.error)}`);
        return;
      }
      const lines = entries.filter(({ origin }) => origin.kind !== 'argv').map(({ name: key, text }) => `${key} = ${text}\n`);
      assert.equal(lines.join('').replaceAll(folder, '/srv/case'), config);
    });
  }
});
