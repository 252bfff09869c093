import assert from 'node:assert/strict';
import { mkdirSync, readlinkSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test, type TestContext } from 'node:test';
import { WorkingDirectory } from '../../../src/core/master/working-directory.ts';
import type { Plan } from '../../../src/core/plan/plan.ts';
import { tempDir } from '../../helpers/temp.ts';

const HERE = process.cwd();

afterEach(() => process.chdir(HERE));

/** A server that was started in a folder with the folders `one` and `two` in it, and has entered the first. */
function startIn(t: TestContext, directory: string | undefined): { root: string; place: WorkingDirectory } {
  const root = tempDir(t);
  for (const name of ['one', 'two']) mkdirSync(join(root, name));
  process.chdir(root);
  const place = new WorkingDirectory();
  place.enter(directory);
  return { root, place };
}

const planOf = (directory: string | undefined) => ({ process: { directory } }) as Plan;

/** Where the process is, whatever Node remembers. */
const where = () => readlinkSync('/proc/self/cwd');

describe('a change of directory', () => {
  for (const { from, to, expected } of [
    { from: 'one', to: 'two', expected: 'two' },
    { from: 'one', to: undefined, expected: '' },
    { from: undefined, to: 'one', expected: 'one' },
    { from: undefined, to: undefined, expected: '' },
  ]) {
    test(`from ${String(from)} to ${String(to)}: paths are seen from where the server was started`, async (t) => {
      const { root, place } = startIn(t, from);
      await (await place.prepare(planOf(to))).commit();
      assert.deepEqual([where(), place.path], [join(root, expected), join(root, expected)]);
    });
  }

  test('is undone, also when the directory of before has another name by then', async (t) => {
    const { root, place } = startIn(t, 'one');
    const change = await place.prepare(planOf('two'));
    renameSync(join(root, 'one'), join(root, 'old'));
    await change.undo();
    assert.deepEqual([where(), place.path], [join(root, 'old'), join(root, 'one')]);
  });

  test('that cannot be is an error, and none', async (t) => {
    const { root, place } = startIn(t, 'one');
    await assert.rejects(place.prepare(planOf('nowhere')), { message: 'cannot enter the directory nowhere: no such file or directory' });
    assert.deepEqual([where(), place.path], [join(root, 'one'), join(root, 'one')]);
  });

  test('enters anew what is at the path now', async (t) => {
    const { root, place } = startIn(t, 'one');
    renameSync(join(root, 'one'), join(root, 'old'));
    renameSync(join(root, 'two'), join(root, 'one'));
    await (await place.prepare(planOf('one'))).commit();
    assert.equal(where(), join(root, 'one'));
  });
});

describe('what is done where the server was started', () => {
  test('is done there, and the server is back afterwards', (t) => {
    const { root, place } = startIn(t, 'one');
    assert.equal(place.atStart(where), root);
    assert.equal(where(), join(root, 'one'));
  });

  test('leaves the server where it is when it fails', (t) => {
    const { root, place } = startIn(t, 'one');
    const fail = () => {
      throw new Error('syntax');
    };
    assert.throws(() => place.atStart(fail), { message: 'syntax' });
    assert.equal(where(), join(root, 'one'));
  });

  test('is done where the server is when there is no such directory any more, and what is missing for that reason says so', (t) => {
    const { root, place } = startIn(t, '/');
    for (const name of ['one', 'two', '']) rmdirSync(join(root, name));
    assert.equal(place.atStart(where), '/');
    const missing = () => {
      throw new Error('no such file', { cause: Object.assign(new Error(), { code: 'ENOENT' }) });
    };
    assert.throws(() => place.atStart(missing), { message: `cannot enter the directory ${root}: no such file or directory` });
  });
});
