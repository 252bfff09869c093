import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHost } from '../../../../src/core/protocol/http/host.ts';

for (const text of [
  '',
  'a',
  'a.test',
  'A-1_b.test.',
  '192.0.2.1',
  'a:',
  'a:80',
  'a:65535',
  '[::1]',
  '[2001:db8::1]:443',
  "sub!$&'()*+;=",
  'a%2db',
  ':80',
]) {
  test(`"${text}" is a host`, () => assert.ok(isHost(text)));
}

for (const text of [
  ...['a:b', 'a:1:2', 'a:-1', 'a:+1', 'a:65536', 'a:000080', '::1', '[::1', '::1]', '[a]', '[]', '[::1%lo]', '[::1]a', '[::1]:x', 'a[::1]'],
  ...['a%', 'a%2', 'a%zz', 'a b', 'a/b', 'a\\b', 'u@a', 'a,b', 'a"', 'a<', 'ä', 'a..test', '..', 'a\tb'],
]) {
  test(`"${text}" is none`, () => assert.ok(!isHost(text)));
}
