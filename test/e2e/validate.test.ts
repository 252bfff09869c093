/** `tsuwsgi config validate`, as a build runs it. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { runServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

const GOOD = '[uwsgi]\nhttp = 127.0.0.1:8000\nwsgi-file = app.py\nmaster = true\nprocesses = 4\n';

/** Validates files of a folder; the last line of standard output is dropped, which is empty. */
async function validate(t: TestContext, files: Readonly<Record<string, string>>, words: readonly string[] = Object.keys(files)) {
  const cwd = tempDir(t, { ...files, 'app.py': '' });
  const { status, stdout, stderr } = await runServer(t, ['config', 'validate', ...words], { cwd });
  return { status, stdout, stderr, lines: stdout.split('\n').slice(0, -1) };
}

describe('exit status and text', () => {
  test('0 for a file without a fault', async (t) => {
    const { status, stdout, stderr } = await validate(t, { 'good.ini': GOOD });
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: 'good.ini: nothing to complain about\n' });
  });

  test('0 with a warning, which names file, line, rule and remedy', async (t) => {
    const { status, lines, stderr } = await validate(t, { 'typo.ini': `${GOOD}vaccum = true\n` });
    assert.equal(status, 0);
    assert.deepEqual(lines, ['typo.ini:6: warning: there is no option "vaccum"; it is ignored; write "vacuum" (unknown-key)']);
    assert.equal(stderr, '1 warning in typo.ini\n');
  });

  test('1 with --strict', async (t) => {
    assert.equal((await validate(t, { 'typo.ini': `${GOOD}vaccum = true\n` }, ['--strict', 'typo.ini'])).status, 1);
  });

  test('--strict does not mind an option that asks for what is always so', async (t) => {
    const { status, lines } = await validate(t, { 'threads.ini': `${GOOD}enable-threads = true\n` }, ['--strict', 'threads.ini']);
    assert.equal(status, 0);
    assert.match(lines[0] ?? '', /^threads\.ini:6: warning: "enable-threads" has no effect here\..*\(accepted-option\)$/);
  });

  test('1 with errors, all of them at once, in the order of their lines', async (t) => {
    const { status, lines } = await validate(t, { 'bad.ini': `${GOOD}threads = two\nini = none.ini\nhttp = nowhere:port\n` });
    assert.equal(status, 1);
    assert.deepEqual(
      lines.map((line) => line.replace(/: .*\(/, ' (')),
      ['bad.ini:6 (invalid-value)', 'bad.ini:7 (config-file)', 'bad.ini:8 (invalid-value)'],
    );
  });

  test('a key that is used as a placeholder is no typo', async (t) => {
    const { lines } = await validate(t, { 'base.ini': `[uwsgi]\nbase = app.py\nhttp = :80\nwsgi-file = %(base)\n` });
    assert.deepEqual(lines, []);
  });

  for (const { what, name, content, rule } of [
    { what: 'a byte order mark', name: 'bom.ini', content: `\uFEFF${GOOD}`, rule: undefined },
    { what: 'CRLF', name: 'crlf.ini', content: GOOD.replaceAll('\n', '\r\n'), rule: undefined },
    { what: 'YAML that is none', name: 'bad.yaml', content: 'uwsgi: {a: 1\n', rule: 'config-syntax' },
    { what: 'JSON that is none', name: 'bad.json', content: '{"uwsgi": {,}}', rule: 'config-syntax' },
    { what: 'XML that is none', name: 'bad.xml', content: '<uwsgi><a></uwsgi>', rule: 'config-syntax' },
    { what: 'an unset variable in an address', name: 'port.ini', content: GOOD.replace('8000', '$(NO_PORT)'), rule: 'placeholder' },
  ]) {
    test(what, async (t) => {
      const { status, lines } = await validate(t, { [name]: content });
      assert.equal(status, rule === undefined ? 0 : 1);
      assert.match(lines.join('\n'), rule === undefined ? /^$/ : new RegExp(`^${name.replace('.', '\\.')}:\\d+: error: .*\\(${rule}\\)`));
    });
  }

  test('garbage is told of, not fallen over', async (t) => {
    const garbage = Array.from({ length: 4000 }, (_, at) => String.fromCharCode((at * 7919) % 256)).join('');
    const { stderr } = await validate(t, { 'garbage.ini': garbage });
    assert.doesNotMatch(stderr, /\n\s+at /, 'no stack trace');
  });
});

describe('files that cannot be opened are 2', () => {
  test('a file that is not there', async (t) => {
    const { status, stdout } = await validate(t, {}, ['none.ini']);
    assert.equal(status, 2);
    assert.match(stdout, /none\.ini: error: .*there is no such file/);
  });

  test('a folder', async (t) => {
    assert.equal((await validate(t, { 'folder.ini/x': '' }, ['folder.ini'])).status, 2);
  });

  test('the gravest status of several files counts, and each has its line', async (t) => {
    const { status, stderr } = await validate(t, { 'good.ini': GOOD, 'typo.ini': `${GOOD}threads = x\n` }, [
      'good.ini',
      'typo.ini',
      'none.ini',
    ]);
    assert.equal(status, 2);
    assert.match(stderr, /^good\.ini: nothing to complain about\n1 error in typo\.ini\n1 error in none\.ini\n$/);
  });

  test('so are flags that there are not, and no file at all', async (t) => {
    for (const words of [['--nonsense', 'a.ini'], [], ['--format', 'html', 'a.ini']]) {
      const { status, stderr } = await validate(t, {}, words);
      assert.equal(status, 2);
      assert.match(stderr, /usage: tsuwsgi config validate FILE/);
    }
  });
});

describe('for programs', () => {
  test('--json is a list of all that is known', async (t) => {
    const { stdout } = await validate(t, { 'typo.ini': `${GOOD}vaccum = true\n` }, ['--json', 'typo.ini']);
    assert.deepEqual(JSON.parse(stdout), [
      {
        file: 'typo.ini',
        line: 6,
        severity: 'warning',
        rule: 'unknown-key',
        message: 'there is no option "vaccum"; it is ignored',
        option: 'vaccum',
        suggestion: 'write "vacuum"',
      },
    ]);
    assert.equal((await validate(t, { 'good.ini': GOOD }, ['--json', 'good.ini'])).stdout, '[]\n');
  });

  test('--format github is an annotation a line, with its signs escaped', async (t) => {
    const { lines } = await validate(t, { 'odd,name.ini': `${GOOD}logto = %Y.log\n` }, ['--format', 'github', 'odd,name.ini']);
    assert.deepEqual(lines, [
      '::warning file=odd%2Cname.ini,line=6,title=magic-variable::"%25Y" is no variable and is removed; write "%25%25" for a percent sign',
    ]);
  });
});

test('a comment silences a rule for the line that follows, or for the file', async (t) => {
  const line = 'vaccum = true\n';
  const { lines } = await validate(t, {
    'line.ini': `${GOOD}; tsuwsgi: ignore unknown-key\n${line}proceses = 4\n`,
    'file.ini': `# tsuwsgi: ignore unknown-key\n${GOOD}${line}`,
    'none.ini': `${GOOD}; tsuwsgi: ignore unknown-keys\n`,
  });
  assert.deepEqual(
    lines.map((one) => one.replace(/;.*/, '')),
    ['line.ini:8: warning: there is no option "proceses"', 'none.ini:6: warning: there is no rule "unknown-keys" to ignore'],
  );
});

test('--help comes from oclif and names the flags', async (t) => {
  const { status, stdout } = await runServer(t, 'config validate --help');
  assert.equal(status, 0);
  for (const flag of ['--strict', '--json', '--format']) assert.ok(stdout.includes(flag), flag);
});

test('of a directory, the vassals are validated that an emperor finds there, as it would start them', async (t) => {
  const vassal = '[uwsgi]\nhttp = 127.0.0.1:8000\nwsgi-file = app.py\nmaster = true\n';
  const files = {
    'vassals/app.py': '',
    'vassals/good.ini': vassal,
    'vassals/bad.yaml': 'uwsgi:\n  threads: two\n',
    'vassals/readme.txt': '',
  };
  const { status, lines } = await validate(t, files, ['vassals']);
  assert.equal(status, 1);
  assert.match(lines.join('\n'), /vassals\/bad\.yaml:2: error: "threads" takes/);
  assert.doesNotMatch(lines.join('\n'), /good\.ini/);
});
