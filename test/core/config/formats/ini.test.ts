import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readIni } from '../../../../src/core/config/formats/ini.ts';

/** The section [uwsgi] as `key=value` lines. */
function read(...lines: string[]): string[] {
  return readIni(lines.join('\n'), 'uwsgi').pairs.map(({ key, value }) => `${key}=${value}`);
}

describe('readIni', () => {
  // What uWSGI 2.0.21 made of each of these was observed on the real one.
  for (const { what, lines, pairs } of [
    { what: 'blanks and tabs around keys and values', lines: ['\tprocesses\t=\t2', '  threads= 2'], pairs: ['processes=2', 'threads=2'] },
    { what: 'a key without a value', lines: ['enable-threads', 'harakiri-verbose ='], pairs: ['enable-threads=', 'harakiri-verbose='] },
    { what: 'only the first equals sign', lines: ['env = A=b=c', 'x == 1', ' = 3'], pairs: ['env=A=b=c', 'x== 1', '=3'] },
    { what: 'comments at the beginning of a line only', lines: ['# a', '  ; b', 'x = 1 # c'], pairs: ['x=1 # c'] },
    { what: 'no quotes', lines: ['callable = "app"'], pairs: ['callable="app"'] },
    { what: 'no continued lines', lines: ['env = A=b \\', '  c'], pairs: ['env=A=b \\', 'c='] },
    { what: 'blanks inside a value', lines: ['x = a\tb'], pairs: ['x=a\tb'] },
    {
      what: 'keys in their order, as often as they come',
      lines: ['env = A=1', 'master = 1', 'env = B=2'],
      pairs: ['env=A=1', 'master=1', 'env=B=2'],
    },
    { what: 'text of any language', lines: ['# комментарий', 'x = привет 中文'], pairs: ['x=привет 中文'] },
    {
      what: 'names with dashes, underlines and capitals as they are',
      lines: ['--a = 1', 'b_c = 2', 'D = 3'],
      pairs: ['--a=1', 'b_c=2', 'D=3'],
    },
  ]) {
    test(`reads ${what}`, () => {
      assert.deepEqual(read('[uwsgi]', ...lines), pairs);
    });
  }

  test('reads sections of one name as one, and no other', () => {
    assert.deepEqual(read('[uwsgi]', 'a = 1', '[other]', 'b = 2', '[uwsgi]', 'c = 3', '[uwsgi:x]', 'd = 4'), ['a=1', 'c=3']);
  });

  for (const header of ['[ uwsgi ]', '[UWSGI]', '[uwsgi] ; main', '[uwsgi']) {
    test(`takes ${header} for another section`, () => {
      assert.deepEqual(read(header, 'a = 1'), []);
    });
  }

  test('allows blanks behind a header', () => {
    assert.deepEqual(read('[uwsgi] \t', 'a = 1'), ['a=1']);
  });

  test('reads lines that end as on Windows', () => {
    assert.deepEqual(readIni('[uwsgi]\r\nmaster = true\r\n\r\n# c\r\n', 'uwsgi').pairs, [{ key: 'master', value: 'true', line: 2 }]);
  });

  test('reads a last line without an end', () => {
    assert.deepEqual(read('[uwsgi]', 'last = 1'), ['last=1']);
  });

  test('reads an empty file as no section', () => {
    assert.deepEqual(readIni('', 'uwsgi'), { pairs: [], sections: [], comments: [], oddities: [] });
  });

  test('tells of a line with a full-width equals sign', () => {
    assert.deepEqual(readIni('[uwsgi]\nvirtualenv＝/srv/env', 'uwsgi').oddities, [
      {
        line: 2,
        rule: 'equals-sign',
        message: 'this line has "＝" (U+FF1D, a full-width equals sign) where "=" belongs, and is not read',
        suggestion: 'write "virtualenv = /srv/env"',
      },
    ]);
  });

  test('tells of a line with a colon in the place of the equals sign', () => {
    const [oddity] = readIni('[uwsgi]\nprocesses: 4', 'uwsgi').oddities;
    assert.equal(oddity?.suggestion, 'write "processes = 4"');
  });

  test('tells of a line before the first section', () => {
    assert.deepEqual(readIni('master = true\n[uwsgi]', 'uwsgi').oddities, [
      {
        line: 1,
        rule: 'outside-section',
        message: 'this line stands before the first section and is not read',
        suggestion: 'put "[uwsgi]" above it',
      },
    ]);
  });

  test('keeps the comments of the section and of the whole file', () => {
    const text = '# of the file\n[dev]\n; of dev\n[uwsgi]\n  ;; indented\na = 1 # none\n#\n';
    assert.deepEqual(readIni(text, 'uwsgi').comments, [
      { line: 1, text: 'of the file' },
      { line: 5, text: '; indented' },
      { line: 7, text: '' },
    ]);
  });
});
