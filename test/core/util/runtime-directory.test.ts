import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { findRuntimeDirectories, makeRuntimeDirectory } from '../../../src/core/util/runtime-directory.ts';

test('a runtime directory is closed to others and goes with all that is in it', () => {
  const directory = makeRuntimeDirectory();
  assert.equal(statSync(directory.path).mode & 0o777, 0o700);
  writeFileSync(join(directory.path, 'file'), 'x');
  assert.deepEqual(
    findRuntimeDirectories().filter(({ path }) => path === directory.path),
    [{ pid: process.pid, path: directory.path }],
    'its name tells whose it is',
  );
  directory.remove();
  assert.equal(existsSync(directory.path), false);
});
