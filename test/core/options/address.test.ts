import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isPublic, parseAddress } from '../../../src/core/options/address.ts';

describe('an address', () => {
  for (const { text, ...expected } of [
    { text: ':9090', kind: 'tcp', host: '0.0.0.0', port: 9090 },
    { text: '127.0.0.1:0', kind: 'tcp', host: '127.0.0.1', port: 0 },
    { text: 'localhost:80', kind: 'tcp', host: 'localhost', port: 80 },
    { text: '[::1]:9090', kind: 'tcp', host: '::1', port: 9090 },
    { text: '/tmp/app.sock', kind: 'unix', path: '/tmp/app.sock' },
    { text: 'app.sock', kind: 'unix', path: 'app.sock' },
    { text: 'unix:/tmp/app.sock', kind: 'unix', path: '/tmp/app.sock' },
    { text: 'unix:///tmp/app.sock', kind: 'unix', path: '/tmp/app.sock' },
    { text: '@name', kind: 'abstract', name: 'name' },
    { text: 'fd://3', kind: 'fd', fd: 3 },
  ]) {
    test(`${text} is understood`, () => {
      assert.deepEqual({ ...parseAddress(text) }, { text, ...expected });
    });
  }

  for (const { text, expected } of [
    { text: '', expected: /an address/ },
    { text: '@', expected: /an address/ },
    { text: ':', expected: /port is a number/ },
    { text: '127.0.0.1:abc', expected: /port is a number/ },
    { text: '127.0.0.1:99999', expected: /port is a number/ },
    { text: 'a b:80', expected: /a host name/ },
    { text: '::1:80', expected: /a host name/ },
    { text: 'fd://x', expected: /descriptor/ },
    { text: `/${'x'.repeat(107)}`, expected: /at most 107 bytes/ },
  ]) {
    test(`"${text.slice(0, 30)}" is refused with what an address is`, () => {
      assert.throws(
        () => parseAddress(text),
        (error) => error instanceof RangeError && expected.test(error.message),
      );
    });
  }
});

for (const { text, expected } of [
  { text: ':9191', expected: true },
  { text: '[::]:9191', expected: true },
  { text: '192.0.2.1:9191', expected: true },
  { text: 'stats.example:9191', expected: true },
  { text: '127.0.0.1.example:9191', expected: true },
  { text: 'fd://3', expected: true },
  { text: '127.0.0.1:9191', expected: false },
  { text: '127.1.2.3:9191', expected: false },
  { text: '[::1]:9191', expected: false },
  { text: 'localhost:9191', expected: false },
  { text: '/run/stats.sock', expected: false },
  { text: '@stats', expected: false },
]) {
  test(`${text} is ${expected ? '' : 'not '}for the network`, () => assert.equal(isPublic(parseAddress(text)), expected));
}
