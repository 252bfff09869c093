import assert from 'node:assert/strict';
import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { findRuntimeDirectories, makeRuntimeDirectory } from '../../../src/core/util/runtime-directory.ts';
import { onEnd } from '../../helpers/scope.ts';

test('a runtime directory is closed to others and goes with all that is in it', () => {
  const directory = makeRuntimeDirectory();
  assert.equal(statSync(directory.path).mode & 0o777, 0o700);
  writeFileSync(join(directory.path, 'file'), 'x');
  assert.deepEqual(
    findRuntimeDirectories().filter(({ path }) => path === directory.path),
    [{ pid: process.pid, path: directory.path, isLive: true }],
    'its name tells whose it is',
  );
  directory.remove();
  assert.equal(existsSync(directory.path), false);
});

test('a directory is not that of a process which has got the pid of its server since', (t) => {
  const { path } = makeRuntimeDirectory();
  const ofAnother = path.replace(/-\d+-(\w+)$/, '-1-$1');
  renameSync(path, ofAnother);
  onEnd(t, () => rmSync(ofAnother, { recursive: true }));
  assert.deepEqual(
    findRuntimeDirectories().filter((each) => each.path === ofAnother),
    [{ pid: process.pid, path: ofAnother, isLive: false }],
  );
});

test('a place that cannot be looked into keeps nobody from finding those elsewhere', (t) => {
  const directory = makeRuntimeDirectory();
  const { TMPDIR } = process.env;
  const noPlace = join(directory.path, 'file');
  writeFileSync(noPlace, '', { mode: 0o755 });
  onEnd(t, () => {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
    directory.remove();
  });
  process.env['TMPDIR'] = noPlace;
  assert.ok(findRuntimeDirectories().some(({ path }) => path === directory.path));
});
