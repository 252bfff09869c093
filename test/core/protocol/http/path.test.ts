import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProtocolError } from '../../../../src/core/errors/protocol.ts';
import { decodePath } from '../../../../src/core/protocol/http/path.ts';

describe('a path becomes what uWSGI makes of it', () => {
  for (const [path, expected] of [
    ['//', '//'],
    ['/a//b', '/a//b'],
    ['/a/./b', '/a/b'],
    ['/a/../b', '/b'],
    ['/../a', '/a'],
    ['/.', '/'],
    ['/a/..', '/'],
    ['/a/.', '/a/'],
    ['/a/.../b', '/a/.../b'],
    ['/a/.b', '/a/.b'],
    ['/a/..b', '/a/..b'],
    ['/a/../../b', '/b'],
    ['/./../x', '/x'],
    ['/%2e%2e/a', '/../a'],
    ['/%2E/x', '/./x'],
    ['/a%2Fb', '/a/b'],
    ['/x%2Fy/../b', '/b'],
    ['/%41', '/A'],
    ['/%25', '/%'],
    ['/a+b', '/a+b'],
    ['/a;x=1', '/a;x=1'],
    ['/a#frag', '/a'],
    ['/a%3Fb', '/a?b'],
    ['/%C3%A9', '/\u00c3\u00a9'],
    ['/a\\b', '/a\\b'],
    // Other than uWSGI, which leaves nothing: a path begins with a slash (RFC 3986 5.2.4).
    ['/..', '/'],
  ] as const) {
    test(path, () => {
      const bytes = Buffer.from(`before${path}after`, 'latin1');
      assert.equal(decodePath(bytes, 6, 6 + path.length).toString('latin1'), expected);
    });
  }
});

// uWSGI makes a NUL, a percent sign or nothing of these.
for (const path of ['/%zz', '/%4', '/%', '/%%', '/%00x', '/a/%4/b']) {
  test(`${path} is refused`, () => {
    assert.throws(() => decodePath(Buffer.from(path), 0, path.length), { constructor: ProtocolError, status: 400 });
  });
}
