import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { OneAtATime } from '../../../src/core/master/one-at-a-time.ts';

/** Something that lasts until the test ends it. */
function lasting() {
  const begun: { because: string; end: () => void; fail: (error: Error) => void }[] = [];
  const jobs = new OneAtATime<string>(
    (because) => new Promise((resolve, reject) => begun.push({ because, end: resolve, fail: reject })),
    (waiting, another) => `${waiting} and ${another}`,
  );
  return { jobs, begun };
}

test('whoever asks while it is done shares the next time, which begins afterwards', async () => {
  const { jobs, begun } = lasting();
  const done: string[] = [];
  void jobs.ask('one').then(() => done.push('one'));
  void jobs.ask('two').then(() => done.push('two'));
  void jobs.ask('three').then(() => done.push('three'));
  await settle();
  assert.deepEqual(
    begun.map(({ because }) => because),
    ['one'],
  );
  begun[0]?.end();
  await settle();
  assert.deepEqual(
    begun.map(({ because }) => because),
    ['one', 'two and three'],
  );
  assert.deepEqual(done, ['one']);
  begun[1]?.end();
  await settle();
  assert.deepEqual(done, ['one', 'two', 'three']);
});

test('one that fails fails for who asked for it, and not for those behind it', async () => {
  const { jobs, begun } = lasting();
  const failed = assert.rejects(jobs.ask('one'), { message: 'broken' });
  const next = jobs.ask('two');
  begun[0]?.fail(new Error('broken'));
  await failed;
  await settle();
  begun[1]?.end();
  await next;
  void jobs.ask('three');
  assert.equal(begun[2]?.because, 'three');
});
