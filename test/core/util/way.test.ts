import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { foldersOnTheWay } from '../../../src/core/util/way.ts';
import { tempDir } from '../../helpers/temp.ts';

test('the way to a path leads through all folders above it', () => {
  assert.deepEqual(foldersOnTheWay('/'), ['/']);
  assert.deepEqual(foldersOnTheWay('/no/such/./folder//file'), ['/', '/no', '/no/such', '/no/such/folder']);
});

test('links are followed, absolute and relative, in the middle and at the end', (t) => {
  const top = realpathSync(tempDir(t, { 'real/python': '', 'venv/bin/x': '' }));
  symlinkSync('../../real/python', join(top, 'venv/bin/python'));
  symlinkSync(join(top, 'venv'), join(top, 'link'));
  const inside = foldersOnTheWay(join(top, 'link/bin/python')).filter((folder) => folder.startsWith(`${top}/`));
  assert.deepEqual(inside, [join(top, 'venv'), join(top, 'venv/bin'), join(top, 'real')]);
});

test('a circle of links comes to an end', (t) => {
  const top = tempDir(t);
  mkdirSync(join(top, 'a'));
  symlinkSync('round', join(top, 'a/round'));
  assert.equal(foldersOnTheWay(join(top, 'a/round/file')).at(-1), realpathSync(join(top, 'a')));
});
