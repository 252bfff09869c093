import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { realSurroundings } from '../../../src/core/lint/surroundings.ts';
import { tempDir } from '../../helpers/temp.ts';

const { kindOf, listenLimit, isForContainer } = realSurroundings();

test('files, folders and what is not there are told apart', (t) => {
  const folder = tempDir(t, { 'app.py': '' });
  assert.equal(kindOf(folder), 'folder');
  assert.equal(kindOf(join(folder, 'app.py')), 'file');
  assert.equal(kindOf(join(folder, 'gone')), undefined);
  assert.equal(kindOf(join(folder, 'app.py/inside')), undefined);
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
