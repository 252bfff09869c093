import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const PATIENCE_MS = 20_000;

/** In a process of its own, which can be ended in the middle of an expression. */
function search(expression: string, text: string): string {
  const script = `
    import { boundExpressions } from './src/core/gateway/bounded-expressions.ts';
    boundExpressions();
    console.log(JSON.stringify(new RegExp(${JSON.stringify(expression)}).exec(${JSON.stringify(text)})));`;
  const words = ['--import', 'tsx', '--input-type=module', '--eval', script];
  return execFileSync(process.execPath, words, { timeout: PATIENCE_MS, encoding: 'utf8' }).trim();
}

for (const expression of ['^(a+)+$', '^(?:[a-z]+/?)+$', '^(a|a)*$', '(.*)*=.*!!$']) {
  test(`${expression} does not take for ever`, () => {
    assert.equal(search(expression, `${'a'.repeat(60)}!`), 'null');
  });
}

test('an expression that had to be bounded finds what it did before', () => {
  assert.equal(search('^((a+)+)(!?)!$', `${'a'.repeat(60)}!`), JSON.stringify([`${'a'.repeat(60)}!`, 'a'.repeat(60), 'a'.repeat(60), '']));
});
