import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExpression, parsePythonExpression } from '../../../src/core/options/expression.ts';

for (const text of ['\\Aa', 'a\\z', '\\Qa.b\\E', '[[:alpha:]]', 'a\\\\\\A']) {
  test(`${text} means something else to JavaScript, and is refused`, () => {
    assert.throws(() => parseExpression(text), /a regular expression of JavaScript, which has no "/);
  });
}

for (const text of ['\\.css$', '\\\\A', '[a[:]', '\\d\\w\\b']) {
  test(`${text} means the same to JavaScript`, () => assert.equal(parseExpression(text), text));
}

test('an expression is one that can be read, and says something', () => {
  assert.equal(parseExpression('^/a.*$'), '^/a.*$');
  assert.throws(() => parseExpression('('), /a regular expression \(Invalid regular expression/);
  assert.throws(() => parseExpression(''), RangeError);
});

test('an expression of Python may have what JavaScript writes in another way', () => {
  for (const text of ['(?i)get', '(?P<verb>GET)', 'a\\Z']) assert.equal(parsePythonExpression(text), text);
  for (const text of ['', '(', '(?i)(']) assert.throws(() => parsePythonExpression(text), { name: 'RangeError' });
});
