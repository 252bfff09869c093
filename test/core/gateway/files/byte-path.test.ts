import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytePath, bytesOf, isWithin } from '../../../../src/core/gateway/files/byte-path.ts';

for (const { path, root, isInside } of [
  { path: '/srv/site', root: '/srv/site', isInside: true },
  { path: '/srv/site/a', root: '/srv/site', isInside: true },
  { path: '/srv/site/a', root: '/srv/site/', isInside: true },
  { path: '/srv/site-old/a', root: '/srv/site', isInside: false },
  { path: '/srv/sit', root: '/srv/site', isInside: false },
  { path: '/srv', root: '/srv/site', isInside: false },
  { path: '/etc/passwd', root: '/', isInside: true },
]) {
  test(`${path} is ${isInside ? '' : 'not '}within ${root}`, () => assert.equal(isWithin(path, root), isInside));
}

test('a path of the configuration becomes the bytes that a request for it has', () => {
  assert.equal(bytePath('/café'), '/caf\xc3\xa9');
  assert.deepEqual(bytesOf(bytePath('/café')), Buffer.from('/café'));
});
