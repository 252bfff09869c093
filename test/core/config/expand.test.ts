import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expand } from '../../../src/core/config/expand.ts';
import { surroundingsOf } from '../../../src/core/config/surroundings.ts';
import type { OptionEntry } from '../../../src/core/options/entry.ts';
import { Findings } from '../../../src/core/options/findings.ts';
import { tempDir } from '../../helpers/temp.ts';

const ENVIRONMENT = { ONE: '1', EMPTY: '', NAME: 'ONE', 'ODD-NAME': 'odd' };

/** `key=value` lines → what the values become, and what was found wrong. */
function expanded(...lines: string[]) {
  const findings = new Findings();
  const entries = lines.map((line, at): OptionEntry => {
    const [name = '', text = ''] = line.split(/=(.*)/s);
    return { name, text, origin: { kind: 'file', path: 'a.ini', line: at + 1 }, ...(line.includes('=') ? {} : { isBare: true }) };
  });
  const result = expand(entries, { isFinal: ({ name }) => name === 'final', surroundings: surroundingsOf(ENVIRONMENT), findings });
  return { values: result.entries.map(({ text }) => text), keysUsed: [...result.keysUsed], errors: findings.diagnostics };
}

describe('$(NAME)', () => {
  for (const [text, value] of [
    ['$(ONE)', '1'],
    ['a$(ONE)b$(ONE)', 'a1b1'],
    ['[$(EMPTY)]', '[]'],
    ['$(NOT_SET)', '$(NOT_SET)'],
    ['$(NOT_SET:-dflt)', 'dflt'],
    ['$(NOT_SET-dflt)', 'dflt'],
    ['$(EMPTY:-dflt)', 'dflt'],
    ['$(EMPTY-dflt)', ''],
    ['$(ONE:-dflt)', '1'],
    ['$(ODD-NAME)', 'odd'],
    ['$(NOT_SET:-)', ''],
    // The innermost first; what comes in is looked through from its second character on.
    ['$($(NAME))', '$(ONE)'],
    ['-$($(NAME))', '-1'],
    ['$(ONE', '$(ONE'],
    ['$()', '$()'],
    ['$ONE ${ONE} $$', '$ONE ${ONE} $$'],
  ] as const) {
    test(`${text} is "${value}"`, () => {
      assert.deepEqual(expanded(`a=${text}`).values, [value]);
    });
  }
});

describe('%(key)', () => {
  test('is the first value of the key', () => {
    assert.deepEqual(expanded('k=1', 'k=2', 'a=%(k)').values, ['1', '2', '1']);
  });

  test('resolves what is defined above, and below behind another character', () => {
    assert.deepEqual(expanded('x=%(y)', 'w=-%(y)', 'y=%(z)', 'z=1').values, ['%(z)', '-1', '1', '1']);
  });

  test('leaves unknown keys and flags without a value', () => {
    assert.deepEqual(expanded('master', 'a=%(master) %(nothing)').values, ['', '%(master) %(nothing)']);
  });

  test('tells which keys were asked for', () => {
    assert.deepEqual(expanded('a=%(b) %(c + d)').keysUsed, ['b', 'c', 'd']);
  });

  test('leaves entries that were acted upon already', () => {
    assert.deepEqual(expanded('k=1', 'final=%(k)').values, ['1', '%(k)']);
  });

  for (const lines of [['a=y%(a)'], ['a=-%(b)', 'b=-%(a)'], ...[...growing()]]) {
    test(`comes to an end with an error: ${lines.join('; ').slice(0, 60)}`, () => {
      const [error, ...others] = expanded(...lines).errors;
      assert.deepEqual([error?.rule, others.length > 0 ? 'more' : 'one'], ['placeholder-cycle', lines.length === 1 ? 'one' : 'more']);
    });
  }
});

/** Each line doubles the one above it. */
function* growing(): Generator<string[]> {
  yield ['k0=ten bytes…', ...Array.from({ length: 40 }, (_, at) => `k${String(at + 1)}=-%(k${String(at)})%(k${String(at)})`)];
}

describe('@(source)', () => {
  test('is the text of a file without its last line end', (t) => {
    const path = join(tempDir(t), 'secret');
    writeFileSync(path, 'one\ntwo\n');
    assert.deepEqual(expanded(`a=<@(${path})>`).values, ['<one\ntwo>']);
  });

  test('is the output of a command', () => {
    assert.deepEqual(expanded('a=@(exec://echo hi)').values, ['hi']);
  });

  for (const [text, reason] of [
    ['@(/none)', 'there is no such file'],
    ['@(exec://exit 3)', 'ended with status 3'],
    ['@(sym://config)', 'part of uWSGI itself'],
  ] as const) {
    test(`${text} is an error`, () => {
      const [error] = expanded(`a=${text}`).errors;
      assert.equal(error?.rule, 'placeholder');
      assert.ok(error.message.includes(reason), error.message);
    });
  }
});
