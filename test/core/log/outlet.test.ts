import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Outlet } from '../../../src/core/log/outlet.ts';
import { eventually } from '../../helpers/eventually.ts';
import type { Scope } from '../../helpers/scope.ts';
import { onEnd } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';

const NOTICE = /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} - (\d+) lines? w(?:as|ere) dropped: the log did not take them$/;
const line = (number: number) => `${String(number).padStart(6, '0')} ${'x'.repeat(200)}`;

/** Both ends of a pipe. */
function pipe(scope: Scope): { reader: number; writer: number } {
  const path = join(tempDir(scope), 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  onEnd(scope, () => {
    closeSync(writer);
  });
  return { reader, writer };
}

/** All that comes, until it satisfies. */
async function read(fd: number, isEnough: (text: string) => boolean): Promise<string[]> {
  let text = '';
  const bytes = Buffer.alloc(65536);
  await eventually('enough to read', () => {
    try {
      text += bytes.toString('utf8', 0, readSync(fd, bytes));
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
    }
    return isEnough(text);
  });
  return text.split('\n').slice(0, -1);
}

test('a pipe that nobody reads is not waited for; once read it has whole lines, and is told what was dropped', async (t) => {
  const { reader, writer } = pipe(t);
  let dropped = 0;
  const outlet = new Outlet({ fd: writer }, (lines) => (dropped += lines));
  for (let number = 0; number < 4000; number++) outlet.write(`${line(number)}\n`);
  assert.ok(dropped > 0);
  const lines = await read(reader, (text) => text.includes('dropped'));
  const told = NOTICE.exec(lines.pop() ?? '');
  assert.equal(Number(told?.[1]), dropped);
  assert.deepEqual(
    lines,
    lines.map((_, number) => line(number)),
  );
  assert.equal(lines.length + dropped, 4000);
  outlet.write('after\n');
  assert.deepEqual(await read(reader, (text) => text.includes('after')), ['after']);
});

test('what a full disk did not take is counted, and the line that it cut is ended', (t) => {
  const path = join(tempDir(t), 'log');
  const fd = openSync(path, 'a');
  t.after(() => closeSync(fd));
  // The write that would make a file larger has written up to there, and the next one fails.
  const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);
  let dropped = 0;
  const outlet = new Outlet({ fd }, (lines) => (dropped += lines));
  limit('6');
  try {
    outlet.write('one\ntwo\nthree\n');
    outlet.write('four\n');
  } finally {
    limit('unlimited');
  }
  outlet.write('five\n');
  const [first, second, notice = '', last] = readFileSync(path, 'utf8').split('\n');
  assert.deepEqual([first, second, NOTICE.exec(notice)?.[1], last], ['one', 'tw', String(dropped), 'five']);
  assert.equal(dropped, 3);
});

test('what waits leaves as soon as there is room, without a further line', async (t) => {
  const { reader, writer } = pipe(t);
  const outlet = new Outlet({ fd: writer }, () => assert.fail('nothing is dropped'));
  for (let number = 0; number < 1000; number++) outlet.write(`${line(number)}\n`);
  assert.equal((await read(reader, (text) => text.split('\n').length === 1001)).length, 1000);
});

test('lines for a reader that is gone are dropped', (t) => {
  const { reader, writer } = pipe(t);
  closeSync(reader);
  let dropped = 0;
  const outlet = new Outlet({ fd: writer }, (lines) => (dropped += lines));
  outlet.write('one\ntwo\n');
  outlet.write('three\n');
  assert.equal(dropped, 3);
});

test('a file takes everything, also one that comes in the place of another', (t) => {
  const directory = tempDir(t);
  const paths = ['one', 'two'].map((name) => join(directory, name));
  const output = { fd: openSync(paths[0] ?? '', 'a') };
  const outlet = new Outlet(output, () => assert.fail('nothing is dropped'));
  outlet.write(`${line(1)}\n`.repeat(1000));
  output.fd = openSync(paths[1] ?? '', 'a');
  outlet.write('after\n');
  assert.deepEqual(
    paths.map((path) => readFileSync(path).length),
    [208_000, 6],
  );
});
