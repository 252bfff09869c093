import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SyntaxProblem } from '../../../../src/core/config/formats/document.ts';
import { readJson } from '../../../../src/core/config/formats/json.ts';

/** The section "uwsgi" with these members, one in a line, as `line key=value`. */
function read(...members: string[]): string[] {
  return readJson(`{"uwsgi": {\n${members.join(',\n')}\n}}`, 'uwsgi').pairs.map(({ key, value, line }) => `${line} ${key}=${value}`);
}

describe('readJson', () => {
  // What uWSGI 2.0.21 made of each of these was observed on the real one.
  for (const { what, members, pairs } of [
    { what: 'texts with escapes', members: ['"a": "x\\n\\u00e9\\ud83d\\ude00"', '"\\u0062": ""'], pairs: ['2 a=x\né😀', '3 b='] },
    { what: 'true, false and null', members: ['"a": true', '"b": false', '"c": null'], pairs: ['2 a=1', '3 b=0', '4 c=0'] },
    {
      what: 'numbers as they are written',
      members: ['"a": 1.50', '"b": -0.5e+3', '"c": 12345678901234567890'],
      pairs: ['2 a=1.50', '3 b=-0.5e+3', '4 c=12345678901234567890'],
    },
    { what: 'lists', members: ['"a": [1, "x",\ntrue]', '"b": []'], pairs: ['2 a=1', '2 a=x', '3 a=1'] },
    { what: 'repeated keys', members: ['"a": 1', '"b": 2', '"a": 3'], pairs: ['2 a=1', '3 b=2', '4 a=3'] },
    { what: 'nothing inside lists and objects', members: ['"a": [1, [2], {"b": 3}]', '"c": {"d": 4}'], pairs: ['2 a=1'] },
    { what: 'names that all objects have', members: ['"__proto__": 1', '"constructor": 2'], pairs: ['2 __proto__=1', '3 constructor=2'] },
  ]) {
    test(`reads ${what}`, () => {
      assert.deepEqual(read(...members), pairs);
    });
  }

  test('says what is not read', () => {
    const { oddities } = readJson('{"uwsgi": {\n"a": {"b": 1},\n"c": [\n[]]}}', 'uwsgi');
    assert.deepEqual(
      oddities.map(({ line, rule, message }) => [line, rule, message]),
      [
        [2, 'json-nested', 'an object or a list inside "a" is not read'],
        [4, 'json-nested', 'an object or a list inside "c" is not read'],
      ],
    );
  });

  test('reads the first section of a name and knows all others', () => {
    const { pairs, sections } = readJson('{"dev": {}, "x": 1, "uwsgi": {"a": 1}, "uwsgi": {"b": 2}}', 'uwsgi');
    assert.deepEqual(pairs, [{ key: 'a', value: '1', line: 1 }]);
    assert.deepEqual(sections, ['dev', 'uwsgi']);
  });

  test('finds comments', () => {
    const { comments } = readJson('// one\n{"uwsgi": { /* behind */\n  /* two\n three */ "a": "// text" // behind\n}}', 'uwsgi');
    assert.deepEqual(comments, [
      { line: 1, text: 'one' },
      { line: 3, text: 'two\n three' },
    ]);
  });

  for (const { what, text, line, message } of [
    { what: 'a comma at the end', text: '{"uwsgi": {\n"a": 1, // x\n\n}}', line: 2, message: 'nothing follows behind this comma' },
    { what: 'a comma at the end of a list', text: '{"uwsgi": {\n"a": [1,]}}', line: 2, message: 'nothing follows behind this comma' },
    { what: 'a missing comma', text: '{"uwsgi": {\n"a": 1\n"b": 2}}', line: 3, message: 'a "," is expected here' },
    { what: 'a missing brace', text: '{"uwsgi": {\n"a": 1}', line: 2, message: 'a "}" is missing' },
    { what: 'a missing quote', text: '{"uwsgi": {\n"a: 1}}', line: 2, message: 'a closing quote is missing' },
    { what: 'single quotes', text: "{'uwsgi': {}}", line: 1, message: 'a value is malformed' },
    { what: 'text behind the end', text: '{"uwsgi": {}}\n{}', line: 2, message: 'nothing may follow behind the last "}"' },
    { what: 'a leading zero', text: '{"uwsgi": {"a": 01}}', line: 1, message: 'a "," is expected here' },
    { what: 'another value than an object', text: '[{"uwsgi": {}}]', line: 1, message: 'it is no object' },
    { what: 'an empty file', text: '', line: 1, message: 'a value is expected here' },
  ]) {
    test(`refuses ${what}`, () => {
      assert.throws(() => readJson(text, 'uwsgi'), { constructor: SyntaxProblem, line, message });
    });
  }
});
