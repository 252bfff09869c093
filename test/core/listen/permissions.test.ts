import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setPermissions } from '../../../src/core/listen/permissions.ts';

let directory: string;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'permissions-'));
});
after(() => rmSync(directory, { recursive: true }));

test('a socket file gets its mode', () => {
  const path = join(directory, 'file');
  writeFileSync(path, '');
  setPermissions(path, { mode: 0o606, uid: undefined, gid: undefined });
  assert.equal(statSync(path).mode & 0o777, 0o606);
});

test('what cannot be changed is named', () => {
  const path = join(directory, 'absent');
  assert.throws(() => setPermissions(path, { mode: undefined, uid: 1, gid: undefined }), {
    code: 'TSU_SOCKET_OWNER',
    message: new RegExp(`cannot change the owner of ${path}: .*ENOENT`),
  });
});
