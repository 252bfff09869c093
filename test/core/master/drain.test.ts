import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { Drain } from '../../../src/core/master/drain.ts';
import { fakeClock } from '../../helpers/clock.ts';

async function begun() {
  const clock = fakeClock();
  const drain = new Drain(clock.after);
  let isOver = false;
  void drain.begin(5000).then(() => (isOver = true));
  await turn();
  assert.deepEqual([drain.isRunning, isOver], [true, false]);
  const state = async () => {
    await turn();
    return [drain.isRunning, isOver];
  };
  return { clock, drain, state };
}

test('a drain takes as long as it is told', async () => {
  const { clock, state } = await begun();
  clock.advance(4999);
  assert.deepEqual(await state(), [true, false]);
  clock.advance(1);
  assert.deepEqual(await state(), [false, true]);
});

test('a drain that is cut is over at once', async () => {
  const { drain, state } = await begun();
  drain.cut();
  assert.deepEqual(await state(), [false, true]);
});

test('cutting what has not begun is nothing', () => {
  const drain = new Drain(fakeClock().after);
  drain.cut();
  assert.equal(drain.isRunning, false);
});
