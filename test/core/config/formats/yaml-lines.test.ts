import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SyntaxProblem } from '../../../../src/core/config/formats/document.ts';
import { readYaml } from '../../../../src/core/config/formats/yaml.ts';

/** The section "uwsgi" with these lines, behind one that is no YAML. */
function read(...lines: string[]) {
  const { pairs, oddities, comments } = readYaml(['uwsgi:', '  first: %d', ...lines].join('\n'), 'uwsgi');
  return {
    pairs: pairs.slice(1).map(({ key, value, line }) => `${line} ${key}=${value}`),
    oddities: oddities.slice(1).map(({ rule, line, suggestion }) => `${line} ${rule}: ${suggestion}`),
    comments: comments.map(({ line, text }) => `${line} ${text}`),
  };
}

describe('YAML that only the line parser of uWSGI reads', () => {
  for (const { what, lines, pairs, oddities } of [
    {
      what: 'values that begin with a sign',
      lines: ['  a: %(x) y # z'],
      pairs: ['3 a=%(x) y'],
      oddities: ['3 yaml-dialect: write "%(x) y"'],
    },
    { what: 'values in braces', lines: ['  a: {{ x }}'], pairs: ['3 a={{ x }}'], oddities: ['3 yaml-dialect: write "{{ x }}"'] },
    { what: 'colons in values', lines: ['  a: b: c'], pairs: ['3 a=b: c'], oddities: ['3 yaml-dialect: write "b: c"'] },
    { what: 'addresses', lines: ['  a: :80', '  b: http://x/#y'], pairs: ['3 a=:80', '4 b=http://x/#y'], oddities: [] },
    { what: 'equals signs', lines: ['  vacuum=True # x'], pairs: ['3 vacuum=True'], oddities: ['3 yaml-line: write "vacuum: True"'] },
    { what: 'colons without a blank', lines: ['  master:true'], pairs: ['3 master=true'], oddities: ['3 yaml-line: write "master: true"'] },
    {
      what: 'tabs',
      lines: ['\ta: 1', '\tb: 2'],
      pairs: ['3 a=1', '4 b=2'],
      oddities: ['3 yaml-dialect: indent all lines with blanks'],
    },
    { what: 'quotes', lines: [`  a: "x # y" # z`, `  'b': 'c'`], pairs: ['3 a=x # y', '4 b=c'], oddities: [] },
    {
      what: 'lists',
      lines: ['  a: # x', '    - 1', '    - %(x)', '  b: [2, 3]'],
      pairs: ['4 a=1', '5 a=%(x)', '6 b=2', '6 b=3'],
      oddities: ['5 yaml-dialect: write "%(x)"'],
    },
    { what: 'lists without indentation', lines: ['  a:', '- 1', '- :2'], pairs: ['4 a=1', '5 a=:2'], oddities: [] },
    { what: 'lists of options', lines: ['  - a: 1', '    b: 2', '  - c: 3'], pairs: ['3 a=1', '4 b=2', '5 c=3'], oddities: [] },
    {
      what: 'no key without a value',
      lines: ['  a:', '  b: 1', '  c:'],
      pairs: ['4 b=1'],
      oddities: [
        '3 yaml-no-value: write "a: true", or the value that is meant',
        '5 yaml-no-value: write "c: true", or the value that is meant',
      ],
    },
    {
      what: 'lines that end as on Windows',
      lines: ['  a: x\r', '  b: %d\r'],
      pairs: ['3 a=x', '4 b=%d'],
      oddities: ['4 yaml-dialect: write "%d"'],
    },
  ]) {
    test(`is read: ${what}`, () => {
      const found = read(...lines);
      assert.deepEqual({ pairs: found.pairs, oddities: found.oddities }, { pairs, oddities });
    });
  }

  test('keeps its comments', () => {
    assert.deepEqual(read('  # x', '  a: 1 # y').comments, ['3 x']);
  });

  test('ends a section at the next line without indentation', () => {
    const { pairs, sections } = readYaml('dev:\n  a: 1\nuwsgi:\n  b: %d\nlast: x\n  c: 2\nuwsgi:\n  d: 3\n', 'uwsgi');
    assert.deepEqual(pairs, [{ key: 'b', value: '%d', line: 4 }]);
    assert.deepEqual(sections, ['dev', 'uwsgi']);
  });

  test('says what is no YAML elsewhere in the file', () => {
    const { pairs, oddities } = readYaml('uwsgi:\n  a: 1\nother: [1\n', 'uwsgi');
    assert.equal(pairs.length, 1);
    assert.deepEqual(
      oddities.map(({ rule, message }) => [rule, message]),
      [['yaml-dialect', 'this is no YAML: unexpected end of the stream within a flow collection']],
    );
  });

  test('refuses a line that is no option', () => {
    assert.throws(() => read('  what is this'), { constructor: SyntaxProblem, line: 3, message: 'this line is no "key: value"' });
    assert.throws(() => read('  a: 1', '  - 2'), { constructor: SyntaxProblem, line: 4, message: 'this item belongs to no list' });
  });

  test('refuses texts of several lines, which only YAML has', () => {
    assert.throws(() => read('  a: |', '    x: 1'), { constructor: SyntaxProblem, line: 2 });
  });
});
