import assert from 'node:assert/strict';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileVariables, magicTable, type PlacedLine, replaceMagic } from '../../../src/core/config/magic.ts';
import { type ConfigSurroundings, surroundingsOf } from '../../../src/core/config/surroundings.ts';
import { tempDir } from '../../helpers/temp.ts';

const SURROUNDINGS: ConfigSurroundings = {
  ...surroundingsOf({}),
  directory: '/d1/d2',
  hostname: 'web-1',
  processors: 2,
  startedUs: 1_700_000_000_123_456,
  version: '9.9.9',
  program: '/opt/tsuwsgi',
  user: () => ({ uid: 33, name: 'www-data', gid: 34, group: 'web' }),
};

/** The first file was `--ini /first/one.ini:main`, this one is `own`. */
function magic(own: string, ...lines: string[]) {
  const placed = lines.map((text, at): PlacedLine => ({ path: own, line: at + 1, text }));
  const first = fileVariables('/first/one.ini', 'main', SURROUNDINGS.directory);
  return replaceMagic(placed, { own: fileVariables(own, 'sec', SURROUNDINGS.directory), first, surroundings: SURROUNDINGS });
}

test('the table holds what has a value', () => {
  const own = fileVariables('m.name.ini', undefined, SURROUNDINGS.directory);
  const table = magicTable({ own: { ...own, i: () => '7' }, first: {}, surroundings: SURROUNDINGS });
  assert.deepEqual(
    [table['n'], table['i'], table['v'], table['('], table['g'], table['U']],
    ['m.name', '7', '/d1/d2', '%(', '34', 'www-data'],
  );
  for (const letter of 'xNO29G') assert.equal(table[letter], undefined, letter);
});

describe('variables', () => {
  for (const [text, value] of [
    ['%v %V %h %k', '/d1/d2 9.9.9 web-1 2'],
    ['%t %T', '1700000000 1700000000123456'],
    ['%u %U %g %G', '33 www-data 34 web'],
    ['%b', '/opt/tsuwsgi'],
    ['%[[1m', '\u001B[1m'],
    ['%o', 'm.name.ini'],
    ['%p', '/d1/d2/m.name.ini'],
    ['%s %n %e', 'm.name.ini m.name ini'],
    ['%d %c', '/d1/d2/ d2'],
    ['%0 %1 [%2]', 'd1 d2 []'],
    ['%x', 'sec'],
    ['%O %P %S %N %E %D %C %X', '/first/one.ini /first/one.ini one.ini one ini /first/ first main'],
    ['%% %%(a) %(a)', '% %(a) %(a)'],
    // As uWSGI 2.0.21 gave it for this path.
    ['%j', 'AD921B42'],
  ] as const) {
    test(`${text} is "${value}"`, () => {
      const [line] = magic('m.name.ini', text).lines;
      assert.equal(line?.text, value);
    });
  }

  test('%i is the inode', (t) => {
    const path = join(tempDir(t, { 'a.ini': '' }), 'a.ini');
    assert.equal(magic(path, '%i').lines[0]?.text, String(lstatSync(path).ino));
  });

  test('of standard input only its name is known', () => {
    assert.equal(magic('-', '[%o] [%p] [%d] [%x]').lines[0]?.text, '[-] [] [] [sec]');
  });
});

describe('what is no variable', () => {
  test('is removed and told', () => {
    const { lines, losses } = magic('a.ini', 'log-date = %Y-%m');
    assert.deepEqual(lines[0]?.text, 'log-date = -');
    assert.deepEqual(losses, [
      { path: 'a.ini', line: 1, what: '%Y' },
      { path: 'a.ini', line: 1, what: '%m' },
    ]);
  });

  test('a percent sign at the end joins the next line, and the lines behind keep their numbers', () => {
    const { lines } = magic('a.ini', 'a = 100%', 'b = 1', 'c = 2');
    assert.deepEqual(
      lines.map(({ line, text }) => [line, text]),
      [
        [1, 'a = 100b = 1'],
        [3, 'c = 2'],
      ],
    );
  });

  test('so does one at the very end of the file', () => {
    assert.deepEqual(
      magic('a.ini', 'a = 1', 'b = 5%').lines.map(({ text }) => text),
      ['a = 1', 'b = 5'],
    );
  });
});
