import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SyntaxProblem } from '../../../../src/core/config/formats/document.ts';
import { readYaml } from '../../../../src/core/config/formats/yaml.ts';

/** The section "uwsgi" with these lines, as `line key=value`. */
function read(...lines: string[]): string[] {
  return readYaml(['uwsgi:', ...lines].join('\n'), 'uwsgi').pairs.map(({ key, value, line }) => `${line} ${key}=${value}`);
}

/** The rules of its oddities with their lines. */
function odd(...lines: string[]): string[] {
  return readYaml(['uwsgi:', ...lines].join('\n'), 'uwsgi').oddities.map(({ rule, line }) => `${line} ${rule}`);
}

describe('readYaml', () => {
  // What uWSGI 2.0.21 with libyaml made of each of these was observed on the real one.
  for (const { what, lines, pairs } of [
    {
      what: 'text as it is written',
      lines: ['  a: 0x10', '  b: ~', '  c: yes', '  d: 1.50'],
      pairs: ['2 a=0x10', '3 b=~', '4 c=yes', '5 d=1.50'],
    },
    { what: 'quotes', lines: [`  a: "x\\ty"`, `  b: 'it''s'`, '  "c d": 1'], pairs: ['2 a=x\ty', "3 b=it's", '4 c d=1'] },
    { what: 'empty texts', lines: ['  a: ""', `  '': 1`], pairs: ['2 a=', '3 =1'] },
    { what: 'repeated keys in their order', lines: ['  a: 1', '  b: 2', '  a: 3'], pairs: ['2 a=1', '3 b=2', '4 a=3'] },
    { what: 'lists', lines: ['  a:', '    - 1', '', '    - 2', '  b: 3'], pairs: ['3 a=1', '5 a=2', '6 b=3'] },
    { what: 'lists without indentation', lines: ['  a:', '  - 1', '  -', '  - 2'], pairs: ['3 a=1', '5 a=2'] },
    { what: 'lists in brackets', lines: ['  a: [x, "y",', '     z]', '  b: []'], pairs: ['2 a=x', '2 a=y', '3 a=z'] },
    {
      what: 'texts of several lines',
      lines: ['  a: |', '    # x', '    y', '  b: >-', '    p', '    q', '  c: r', '    s'],
      pairs: ['2 a=# x\ny\n', '5 b=p q', '8 c=r s'],
    },
    { what: 'comments behind a blank only', lines: ['  a: x#y # z'], pairs: ['2 a=x#y'] },
    { what: 'explicit keys', lines: ['  ? a', '  : 1', '  b: 2'], pairs: ['2 a=1', '4 b=2'] },
    { what: 'options inside others', lines: ['  env:', '    A: 1', '    B: {C: 2}', '  d: 3'], pairs: ['3 A=1', '4 C=2', '5 d=3'] },
    { what: 'lists of options', lines: ['  a:', '    - b: 1', '      c: 2', '    - d: 3'], pairs: ['3 b=1', '4 c=2', '5 d=3'] },
    {
      what: 'no texts of a list behind what is no text in it',
      lines: ['  a: [1, [2, 3], 4]', '  b: [5, {c: 6}, 7, {d: 8}]'],
      pairs: ['2 a=1', '2 a=2', '2 a=3', '3 b=5', '3 c=6', '3 d=8'],
    },
    { what: 'the first item of a section that is a list', lines: ['- a: 1', '  b: 2', '- c: 3'], pairs: ['2 a=1', '3 b=2'] },
    { what: 'nothing of a list of texts', lines: ['- a', '- b'], pairs: [] },
    { what: 'no key without a value', lines: ['  a:', '  b: 1', '  c:'], pairs: ['3 b=1'] },
  ]) {
    test(`reads ${what}`, () => {
      assert.deepEqual(read(...lines), pairs);
    });
  }

  test('reads aliases of texts and knows tags, unlike uWSGI', () => {
    assert.deepEqual(read('  a: &x 1', '  b: *x', '  c: !!str 2'), ['2 a=1', '3 b=1', '4 c=2']);
    assert.deepEqual(odd('  a: &x 1', '  b: *x', '  c: !!str 2'), ['2 yaml-alias', '3 yaml-alias', '4 yaml-alias']);
  });

  test('takes no lists and options from elsewhere, which could grow without end', () => {
    const { pairs, oddities } = readYaml('base: &base\n  a: 1\nuwsgi:\n  <<: *base\n  b: 2\n', 'uwsgi');
    assert.deepEqual(pairs, [{ key: 'b', value: '2', line: 5 }]);
    assert.equal(oddities[0]?.message, '"<<" takes no list and no options from elsewhere in the file, and is not read');
  });

  for (const { lines, rules } of [
    { lines: ['  a:', '  b: 1'], rules: ['2 yaml-no-value'] },
    { lines: ['  env:', '    A: 1'], rules: ['2 yaml-nested'] },
    { lines: ['  a: [1, [2], 3]'], rules: ['2 yaml-list'] },
    { lines: ['  [a, b]: 1'], rules: ['2 yaml-key'] },
    { lines: ['- a: 1', '- b: 2'], rules: ['3 yaml-section'] },
    { lines: ['  {a: 1}'], rules: ['2 yaml-section'] },
    { lines: ['  {}'], rules: [] },
    { lines: ['  a: 1', '  b: [2]'], rules: [] },
  ]) {
    test(`says ${rules.join() || 'nothing'} about ${lines.join('⏎')}`, () => {
      assert.deepEqual(odd(...lines), rules);
    });
  }

  for (const { what, text, pairs, sections } of [
    { what: 'the one that is asked for', text: 'dev:\n  a: 1\nuwsgi:\n  b: 2\n', pairs: ['b'], sections: ['dev', 'uwsgi'] },
    { what: 'the first of two', text: 'uwsgi:\n  a: 1\nuwsgi:\n  b: 2\n', pairs: ['a'], sections: ['uwsgi'] },
    { what: 'the first that is not empty', text: 'uwsgi:\nuwsgi:\n  b: 2\n', pairs: ['b'], sections: ['uwsgi'] },
    { what: 'one below another key', text: 'top:\n  uwsgi:\n    a: 1\n', pairs: ['a'], sections: ['top', 'uwsgi'] },
    { what: 'one in a list', text: '- x: 1\n- uwsgi:\n    a: 1\n', pairs: ['a'], sections: ['uwsgi'] },
    { what: 'one in another document', text: '---\nx: 1\n---\nuwsgi:\n  a: 1\n...\n', pairs: ['a'], sections: ['uwsgi'] },
    { what: 'none that is a text', text: 'uwsgi: 5\nb: uwsgi\n', pairs: [], sections: [] },
    { what: 'none in an empty file', text: '', pairs: [], sections: [] },
  ]) {
    test(`finds a section: ${what}`, () => {
      const found = readYaml(text, 'uwsgi');
      assert.deepEqual({ pairs: found.pairs.map(({ key }) => key), sections: found.sections }, { pairs, sections });
    });
  }

  test('knows comments from text that looks so', () => {
    const text = '# one\nuwsgi:\n  a: |\n    # text\n  # two\n  b: "x\n    # text"\n  c: 1 # behind a value\n    # three\n';
    assert.deepEqual(readYaml(text, 'uwsgi').comments, [
      { line: 1, text: 'one' },
      { line: 5, text: 'two' },
      { line: 9, text: 'three' },
    ]);
  });

  test('says where it is no YAML if it can be read in no way', () => {
    assert.throws(() => readYaml('[uwsgi]\nmaster = true\n', 'uwsgi'), {
      constructor: SyntaxProblem,
      line: 2,
      message: 'end of the stream or a document separator is expected',
    });
  });
});
