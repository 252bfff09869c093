import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { readConfig } from '../../../src/core/config/load.ts';
import { formatDiagnostic } from '../../../src/core/errors/diagnostic.ts';
import { tempDir } from '../../helpers/temp.ts';

const ENVIRONMENT = { PRESENT: 'here' };

interface Setting {
  readonly files?: Readonly<Record<string, string>>;
  readonly isReload?: boolean;
}

/** Reads `main.ini` of these lines, with other files beside it; `DIR` is their folder. */
function read(t: TestContext, main: string, { files = {}, isReload = false }: Setting = {}) {
  const folder = tempDir(t);
  for (const [name, text] of Object.entries({ ...files, 'main.ini': main })) {
    writeFileSync(join(folder, name), text.replaceAll('DIR', folder));
  }
  const reading = readConfig(['--ini', join(folder, 'main.ini')], ENVIRONMENT, { isReload, hostname: 'web-1' });
  const without = (text: string): string => text.replaceAll(`${folder}/`, '');
  return {
    lines: reading.entries.slice(1).map(({ name, text }) => `${name} = ${without(text)}`),
    // The keys of these tests are mostly no options, which is not what they are about.
    said: reading.diagnostics
      .filter(({ rule }) => rule !== 'unknown-key')
      .map((one) => `${one.severity}: ${without(formatDiagnostic(one))}`),
    origins: reading.entries.map(({ origin }) => origin),
    files: reading.files.map(({ path }) => without(path)),
  };
}

/** The entries that these lines of a file become, without the lines that make blocks. */
function applied(t: TestContext, lines: readonly string[], setting?: Setting): string[] {
  return read(t, `[uwsgi]\n${lines.join('\n')}\n`, setting).lines.filter((line) => !/^(if|for|end|else)/.test(line));
}

describe('conditions', () => {
  for (const { lines, applies } of [
    { lines: ['if-env = PRESENT'], applies: 'here' },
    { lines: ['if-env = ABSENT'], applies: undefined },
    { lines: ['if-env = PRESENT=here'], applies: 'here' },
    { lines: ['if-env = PRESENT=there'], applies: undefined },
    { lines: ['ifenv = PRESENT'], applies: 'here' },
    { lines: ['if-not-env = ABSENT'], applies: '%(_)' },
    { lines: ['if-not-env = PRESENT=there'], applies: 'here' },
    { lines: ['if-opt = threads'], applies: '2' },
    { lines: ['if-opt = threads=2'], applies: '2' },
    { lines: ['if-opt = processes'], applies: undefined },
    { lines: ['if-not-opt = processes'], applies: '%(_)' },
    { lines: ['if-exists = DIR/main.ini'], applies: 'main.ini' },
    { lines: ['if-exists = DIR/none'], applies: undefined },
    { lines: ['if-not-exists = DIR/none'], applies: 'none' },
    { lines: ['if-file = DIR/main.ini'], applies: 'main.ini' },
    { lines: ['if-file = DIR'], applies: undefined },
    { lines: ['if-dir = /'], applies: '/' },
    { lines: ['if-directory = /'], applies: '/' },
    { lines: ['if-not-dir = DIR/main.ini'], applies: 'main.ini' },
    { lines: ['if-plugin = python3'], applies: 'python3' },
    { lines: ['if-plugin = php'], applies: undefined },
    { lines: ['if-hostname = web-1'], applies: 'web-1' },
    { lines: ['if-hostname-match = ^web-\\d$'], applies: '^web-\\d$' },
    { lines: ['if-not-hostname-match = ^db'], applies: '^db' },
    { lines: ['if-hostname-match = ('], applies: undefined },
    { lines: ['if-reload = true'], applies: undefined },
    { lines: ['if-not-reload = true'], applies: 'true' },
  ]) {
    test(`${String(lines[0])} ${applies === undefined ? 'does not hold' : 'holds'}`, (t) => {
      assert.deepEqual(
        applied(t, ['threads = 2', ...lines, 'x = %(_)', 'endif']).slice(1),
        applies === undefined ? [] : [`x = ${applies}`],
      );
    });
  }

  test('if-reload holds on a reload', (t) => {
    assert.deepEqual(applied(t, ['if-reload =', 'x = 1', 'endif'], { isReload: true }), ['x = 1']);
  });

  test('else is the other case', (t) => {
    assert.deepEqual(applied(t, ['if-env = ABSENT', 'x = 1', 'else =', 'x = 2', 'endif', 'y = 3']), ['x = 2', 'y = 3']);
    assert.deepEqual(applied(t, ['if-env = PRESENT', 'x = 1', 'else', 'x = 2', 'endif', 'y = 3']), ['x = 1', 'y = 3']);
  });

  test('any end closes any block', (t) => {
    assert.deepEqual(applied(t, ['if-env = ABSENT', 'x = 1', 'end-for', 'y = 2']), ['y = 2']);
  });
});

describe('loops', () => {
  test('repeat each line on its own', (t) => {
    assert.deepEqual(applied(t, ['for = a b', 'x = %(_)', 'y = %(_)%(_)', 'endfor']), ['x = a', 'x = b', 'y = aa', 'y = bb']);
  });

  test('count', (t) => {
    assert.deepEqual(applied(t, ['for-times = 3', 'x = %(_)', 'endfor']), ['x = 1', 'x = 2', 'x = 3']);
    assert.deepEqual(applied(t, ['for-times = no number', 'x = %(_)', 'endfor']), []);
  });

  test('go through files in the order of their names', (t) => {
    const files = { 'b.txt': '', 'a.txt': '', 'c.none': '' };
    assert.deepEqual(applied(t, ['for-glob = DIR/*.txt', 'x = %(_)', 'endfor'], { files }), ['x = a.txt', 'x = b.txt']);
    assert.deepEqual(applied(t, ['for-glob = DIR/*.php', 'x = %(_)', 'endfor']), ['x = *.php']);
  });

  test('go through the lines of a file', (t) => {
    assert.deepEqual(applied(t, ['for-readline = DIR/l', 'x = [%(_)]', 'endfor'], { files: { l: 'a b\n\n c' } }), [
      'x = [a b]',
      'x = []',
      'x = [ c]',
    ]);
  });

  test('include a file for each turn', (t) => {
    const files = { '1.ini': '[uwsgi]\na = one', '2.ini': '[uwsgi]\na = two' };
    const lines = applied(t, ['for-times = 2', 'include = DIR/%(_).ini', 'endfor'], { files });
    assert.deepEqual(lines, ['include = 1.ini', 'a = one', 'include = 2.ini', 'a = two']);
  });
});

describe('set and its kin', () => {
  test('set adds a key whose placeholders are replaced', (t) => {
    assert.deepEqual(read(t, '[uwsgi]\na = 1\nset = b=-%(a)=2\nset = threads=3').lines, [
      'a = 1',
      'set = b=-%(a)=2',
      'b = -1=2',
      'set = threads=3',
      'threads = 3',
    ]);
  });

  test('set-placeholder adds one whose own are not', (t) => {
    assert.deepEqual(read(t, '[uwsgi]\na = 1\nset-ph = b=%(a)\nc = -%(b)').lines, ['a = 1', 'set-ph = b=%(a)', 'b = %(a)', 'c = -1']);
  });

  test('a declared option stands for its template', (t) => {
    const { lines, said } = read(t, '[uwsgi]\ndeclare-option = site=chdir=/srv/$1;threads=$2\nsite = shop 4');
    assert.deepEqual(lines.slice(1), ['site = shop 4', 'chdir = /srv/shop', 'threads = 4']);
    assert.deepEqual(said, []);
  });

  test('resolve gives the address of a host', (t) => {
    assert.deepEqual(read(t, '[uwsgi]\nresolve = me=127.0.0.1\nx = %(me)').lines.slice(1), ['me = 127.0.0.1', 'x = 127.0.0.1']);
  });

  test('a black list ends where it says so', (t) => {
    const { lines, said } = read(t, '[uwsgi]\nblacklist = threads master\nprocesses = 2\nthreads = 2\nend-blacklist =\nmaster = true');
    assert.deepEqual(said, ['error: main.ini:4: "threads" is not allowed here by the blacklist; leave it out, or change the blacklist']);
    assert.ok(lines.includes('master = true') && !lines.includes('threads = 2'));
  });

  test('a white list forbids everything else', (t) => {
    assert.deepEqual(read(t, '[uwsgi]\nwhitelist = threads\nprocesses = 2\nthreads = 2\nend-whitelist =\nmaster = 1').said, [
      'error: main.ini:3: "processes" is not allowed here by the whitelist; leave it out, or change the whitelist',
    ]);
  });

  test('text is injected before and after the files that follow', (t) => {
    const files = { before: '[uwsgi]\na = 1\n', after: 'z = 26', 'other.ini': '[uwsgi]\nm = 13' };
    const { lines, origins } = read(t, '[uwsgi]\ninject-before = DIR/before\ninject-after = DIR/after\nini = DIR/other.ini', { files });
    assert.deepEqual(lines.slice(3), ['a = 1', 'm = 13', 'z = 26']);
    assert.deepEqual(
      origins.slice(-3).map((origin) => (origin.kind === 'file' ? [origin.path.replace(/.*\//, ''), origin.line] : origin)),
      [
        ['before', 2],
        ['other.ini', 2],
        ['after', 1],
      ],
    );
  });
});

describe('files in files', () => {
  test('inherited options come last and win', (t) => {
    const files = { 'base.ini': '[uwsgi]\nthreads = 4\nx = %(who)' };
    const { lines } = read(t, '[uwsgi]\nwhere = DIR\ninherit = %(where)/base.ini\nthreads = 2\nwho = me', { files });
    assert.deepEqual(lines.slice(2), ['threads = 2', 'who = me', 'threads = 4', 'x = me']);
  });

  test('each format includes each other', (t) => {
    const files = {
      'a.yaml': 'uwsgi:\n  a: 1\n  xml: DIR/b.xml\n',
      'b.xml': '<uwsgi><b>2</b><json>DIR/c.json</json></uwsgi>',
      'c.json': '{"uwsgi": {"c": 3}}',
    };
    const { lines, files: read_ } = read(t, '[uwsgi]\nyaml = DIR/a.yaml', { files });
    assert.deepEqual(lines, ['yaml = a.yaml', 'a = 1', 'xml = b.xml', 'b = 2', 'json = c.json', 'c = 3']);
    assert.deepEqual(read_, ['main.ini', 'a.yaml', 'b.xml', 'c.json']);
  });

  test('lines behind a joined one keep their numbers', (t) => {
    const { said } = read(t, '[uwsgi]\na = 100%\nb = 1\nthreads = x');
    assert.match(said.at(-1) ?? '', /^error: main\.ini:4: "threads" takes a whole number/);
    assert.match(said[0] ?? '', /^warning: main\.ini:2: the "%" at the end joins this line with the next one/);
  });
});

describe('what goes wrong', () => {
  for (const { what, text, said, files = {} } of [
    {
      what: 'a block in a block',
      text: 'if-env = PRESENT\nfor = a b\nx = 1\nendfor',
      said: /^error: main\.ini:3: "for" stands inside the block of "if-env"/,
    },
    {
      what: 'a block that is never closed',
      text: 'for = a b\nx = 1',
      said: /^warning: main\.ini:2: the block of "for" is never closed.*write "endfor"/,
    },
    { what: 'a loop without end', text: 'for-times = 1000000000\nendfor', said: /^error: main\.ini:2: a loop has 10000 turns at most/ },
    { what: 'set without =', text: 'set = threads', said: /^error: main\.ini:2: "set" takes NAME=VALUE, not "threads"/ },
    {
      what: 'a placeholder named as an option',
      text: 'set-ph = master=1',
      said: /^error: main\.ini:2: "master" is an option and cannot be/,
    },
    {
      what: 'a declaration without a template',
      text: 'declare-option = foo',
      said: /^error: main\.ini:2: "declare-option" takes NAME=KEY=VALUE/,
    },
    { what: 'a declared option that stands for itself', text: 'declare-option = foo=foo=1\nfoo = 1', said: /"foo" stands for itself/ },
    { what: 'a host without an address', text: 'resolve = me=no-such-host.invalid', said: /no-such-host\.invalid cannot be resolved/ },
    {
      what: 'a file without lines',
      text: 'for-readline = DIR/none\nendfor',
      said: /^error: main\.ini:2: the lines of none cannot be read/,
    },
    {
      what: 'an included file of no known kind',
      text: 'include = DIR/a.conf',
      said: /^error: main\.ini:2: cannot load configuration from/,
    },
    {
      what: 'a file that is not what its name says',
      text: 'json = DIR/b.json',
      files: { 'b.json': '{\n"uwsgi": {,}}' },
      said: /^error: b\.json:2: this is no JSON/,
    },
    {
      what: 'another format than the option reads',
      text: 'ini = DIR/b.xml',
      files: { 'b.xml': '' },
      said: /^error: main\.ini:2: .*reads INI.*write "xml = b\.xml"/,
    },
    { what: 'a file that includes itself', text: 'ini = DIR/main.ini', said: /^error: main\.ini:2: this file includes itself/ },
    {
      what: 'an unset variable in an address',
      text: 'http-socket = :$(PORT)',
      said: /^error: main\.ini:2: "\$\(PORT\)" in "http-socket" cannot be replaced: .* PORT is not set/,
    },
    {
      what: 'an unset variable elsewhere',
      text: 'chdir = $(NOWHERE)/x',
      said: /^warning: main\.ini:2: "\$\(NOWHERE\)" stays as it is: .* NOWHERE is not set/,
    },
    {
      what: 'a magic variable that is none',
      text: 'logto = /log/%Y',
      said: /^warning: main\.ini:2: "%Y" is no variable and is removed; write "%%"/,
    },
  ]) {
    test(`${what}: one line that says so`, (t) => {
      const lines = read(t, `[uwsgi]\n${text}`, { files }).said;
      assert.equal(lines.length, 1, lines.join('\n'));
      assert.match(lines[0] ?? '', said);
    });
  }
});

describe('a file of Paste', () => {
  const PASTED = { 'p.ini': '[uwsgi]\nthreads = 2\n[app:main]\nuse = egg:App\n' };
  for (const { line, applies } of [
    { line: 'ini-paste = DIR/p.ini', applies: ['paste = config:p.ini', 'ini-paste = p.ini', 'threads = 2'] },
    {
      line: 'ini-paste-logged = DIR/p.ini',
      applies: ['paste = config:p.ini', 'paste-logger = true', 'ini-paste-logged = p.ini', 'threads = 2'],
    },
  ]) {
    test(`gives options and the application: ${line}`, (t) => {
      const found = read(t, `[uwsgi]\n${line}\n`, { files: PASTED });
      assert.deepEqual(new Set(found.lines.map((one) => one.replace(/config:.*\//, 'config:'))), new Set(applies));
    });
  }

  test('has the last word on what Paste reads', (t) => {
    const { lines } = read(t, '[uwsgi]\nini-paste = DIR/p.ini\n', { files: { 'p.ini': '[uwsgi]\npaste = egg:Other\n' } });
    assert.equal(
      lines.findLast((line) => line.startsWith('paste =')),
      'paste = egg:Other',
    );
  });
});
