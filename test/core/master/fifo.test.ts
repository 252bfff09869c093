import assert from 'node:assert/strict';
import { closeSync, constants, existsSync, openSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { MasterFifo } from '../../../src/core/master/fifo.ts';
import { eventually } from '../../helpers/eventually.ts';
import { onEnd } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';

/** A FIFO with a second one in reserve, and what came of what was written. */
function listen(t: TestContext, folder = tempDir(t)) {
  const paths = [join(folder, 'first'), join(folder, 'second')] as const;
  const heard: string[] = [];
  const note = (text: string): void => void heard.push(text.replaceAll(folder, '…'));
  const fifo = new MasterFifo(paths, { ask: (action) => note(action), log: { line: note, event: note } });
  onEnd(t, () => fifo.close('keep'));
  return { fifo, paths, heard };
}

/** As a shell's `echo` does it, but where nobody listens it fails instead of waiting. */
function write(fifo: string, characters: string): void {
  const fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  writeSync(fd, characters);
  closeSync(fd);
}

test('each character is an order, however many come at once and however often writers leave', async (t) => {
  const { paths, heard } = listen(t);
  write(paths[0], 'rp\n');
  await eventually('two orders', () => heard.length === 2);
  write(paths[0], '+');
  await eventually('a third', () => heard.length === 3);
  assert.deepEqual(heard, ['reload', 'toggle-pause', 'one-more-worker']);
});

test('what is no order, or has nothing to do here, is a line in the log', async (t) => {
  const { paths, heard } = listen(t);
  write(paths[0], 'zB7r');
  await eventually('all of it', () => heard.at(-1) === 'reload');
  assert.deepEqual(heard.slice(0, -1), [
    '"z" from …/first: no such command',
    '"B" from …/first: there is no broodlord',
    '"7" from …/first: there is no master-fifo 7',
  ]);
});

test('a digit chooses which one is read', async (t) => {
  const { paths, heard } = listen(t);
  assert.equal(existsSync(paths[1]), false, 'the second is not made before it is wanted');
  write(paths[0], '1');
  await eventually('the second', () => existsSync(paths[1]) && heard.length === 1);
  write(paths[1], 'q');
  await eventually('an order from it', () => heard.length === 2);
  assert.deepEqual(heard, ['"1" from …/first: orders are read from …/second now', 'stop-gracefully']);
});

test('only its user may write to it, and one that an earlier server left is replaced', (t) => {
  const folder = tempDir(t);
  const { fifo, paths } = listen(t, folder);
  const before = statSync(paths[0]);
  assert.deepEqual([before.isFIFO(), before.mode & 0o777], [true, 0o600]);
  fifo.close('keep');
  const keeper = join(folder, 'keeper');
  renameSync(paths[0], keeper);
  listen(t, folder);
  assert.notEqual(statSync(paths[0]).ino, before.ino);
});

test('vacuum removes it, unless it is another server’s by now', (t) => {
  const folder = tempDir(t);
  const { fifo: old, paths } = listen(t, folder);
  const { fifo: young } = listen(t, folder);
  old.close('vacuum');
  assert.ok(existsSync(paths[0]));
  young.close('vacuum');
  assert.equal(existsSync(paths[0]), false);
});

test('a file that is no FIFO is left alone, and a folder that is not there is told', (t) => {
  const folder = tempDir(t);
  writeFileSync(join(folder, 'first'), 'precious');
  assert.throws(() => listen(t, folder), { code: 'TSU_SERVER_FILE', message: /first: there is a file that is no FIFO$/ });
  assert.throws(() => listen(t, join(folder, 'nowhere')), { message: /first: No such file or directory$/i });
});
