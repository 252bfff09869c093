import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isVassalName } from '../../../src/core/config/vassal-name.ts';

for (const { name, is } of [
  ...['a.ini', 'a.xml', 'a.yml', 'a.yaml', 'a.json', 'a.js', 'a.b.ini'].map((name) => ({ name, is: true })),
  ...['.a.ini', '.#a.ini', 'a.ini~', 'a.ini.bak', 'a.txt', 'ini', ''].map((name) => ({ name, is: false })),
]) {
  test(`"${name}" is ${is ? '' : 'not '}a vassal's`, () => assert.equal(isVassalName(name), is));
}

test('further extensions are asked for', () => {
  assert.equal(isVassalName('a.conf', ['.conf']), true);
  assert.equal(isVassalName('.a.conf', ['.conf']), false);
});
