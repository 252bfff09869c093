import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { realSurroundings } from '../../../src/core/lint/surroundings.ts';
import { tempDir } from '../../helpers/temp.ts';

const { kindOf, listenLimit, virtualenv, isForContainer } = realSurroundings();

test('files, folders and what is not there are told apart', (t) => {
  const folder = tempDir(t, { 'app.py': '' });
  assert.equal(kindOf(folder), 'folder');
  assert.equal(kindOf(join(folder, 'app.py')), 'file');
  assert.equal(kindOf(join(folder, 'gone')), undefined);
  assert.equal(kindOf(join(folder, 'app.py/inside')), undefined);
});

test('a virtualenv that works, one that does not, and one whose packages are for another Python', (t) => {
  const sound = { 'pyvenv.cfg': 'version = 3.11.2\n', 'python3.11': '#!/bin/sh\n', 'lib/python3.11/site-packages/a.py': '' };
  const make = (files: Readonly<Record<string, string>>): string => {
    const folder = tempDir(t, files);
    mkdirSync(join(folder, 'bin'));
    symlinkSync('../python3.11', join(folder, 'bin/python3'));
    if ('python3.11' in files) chmodSync(join(folder, 'python3.11'), 0o755);
    return folder;
  };
  assert.deepEqual(virtualenv(make(sound)), {});
  const { fault } = virtualenv(make({ 'pyvenv.cfg': '' }));
  assert.match(fault?.message ?? '', /has no bin\/python3 that runs/);
  assert.match(fault?.suggestion ?? '', /^make it anew/);
  const { 'lib/python3.11/site-packages/a.py': _, ...moved } = { ...sound, 'lib/python3.9/site-packages/a.py': '' };
  assert.match(virtualenv(make(moved)).mismatch?.message ?? '', /are for Python 3\.9, and its interpreter is Python 3\.11$/);
});

test('the kernel tells how many connections may wait', () => {
  assert.ok((listenLimit() ?? 0) > 0);
});

describe('a config file is for a container', () => {
  for (const { what, files, expected } of [
    { what: 'beside a Dockerfile that starts the server', files: { 'conf/Dockerfile': 'CMD uwsgi conf/app.ini' }, expected: true },
    { what: 'below one in the same checkout', files: { Dockerfile: 'CMD ["tsuwsgi", "app.ini"]', '.git/HEAD': '' }, expected: true },
    { what: 'not below one of somebody else', files: { Dockerfile: 'CMD uwsgi' }, expected: false },
    { what: 'not beside one for the database', files: { 'conf/Dockerfile': 'FROM postgres' }, expected: false },
    { what: 'not without one', files: { '.git/HEAD': '' }, expected: false },
  ]) {
    test(what, (t) => {
      const folder = tempDir(t, { 'conf/app.ini': '', ...files });
      assert.equal(isForContainer(join(folder, 'conf')), expected);
    });
  }
});
