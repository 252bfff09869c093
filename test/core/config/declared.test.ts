import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { declare, unfold } from '../../../src/core/config/declared.ts';

const ORIGIN = { kind: 'file', path: 'a.ini', line: 7 } as const;

/** What a use of the declared option stands for. */
function use(declaration: string, text: string): string[] {
  const declared = declare(declaration);
  assert.ok(declared);
  return unfold(declared, { name: declared.name, text, origin: ORIGIN }).map((entry) => `${entry.name} = ${entry.text}`);
}

describe('declare-option', () => {
  test('fills the words in', () => {
    assert.deepEqual(use('site=socket=/run/$1.sock;chdir=/srv/$1/$2', 'shop web'), ['socket = /run/shop.sock', 'chdir = /srv/shop/web']);
  });

  test('leaves a place without a word', () => {
    assert.deepEqual(use('foo=print=$1-$3', 'one two'), ['print = one-$3']);
  });

  test('fills the first place with the empty value', () => {
    assert.deepEqual(use('foo=print=<$1>', ''), ['print = <>']);
  });

  test('a key without a value is a flag', () => {
    assert.deepEqual(use('foo=master;processes=2', ''), ['master = ', 'processes = 2']);
  });

  test('the lines point at the use', () => {
    const declared = declare('foo=master=true');
    assert.ok(declared);
    assert.deepEqual(unfold(declared, { name: 'foo', text: '', origin: ORIGIN })[0]?.origin, ORIGIN);
  });

  for (const text of ['foo', '', '=a=b']) {
    test(`"${text}" declares nothing`, () => {
      assert.equal(declare(text), undefined);
    });
  }
});
