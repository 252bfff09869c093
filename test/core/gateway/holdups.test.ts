import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { Holdups } from '../../../src/core/gateway/holdups.ts';
import { LONG_MS } from '../../../src/core/workers/slots.ts';

const AGAIN_MS = 100;

test('a worker is asked when a request waits in its slot behind one that has run for long', (t) => {
  const { asked, pass } = watched(t, { used: [1, 2, 3] });
  pass(LONG_MS - 1);
  assert.deepEqual(asked, []);
  pass(1);
  assert.deepEqual(asked, [1, 2]);
});

test('it is asked again as long as something waits there, but not all the time', (t) => {
  const { first, asked, pass } = watched(t, { used: [2] });
  pass(AGAIN_MS + LONG_MS - 1);
  assert.deepEqual(asked, [0]);
  pass(LONG_MS);
  assert.deepEqual(asked, [0, 0]);
  first.used = 1;
  pass(3 * AGAIN_MS);
  assert.deepEqual(asked, [0, 0]);
});

test('it is asked as soon as somebody else has room, and not before', (t) => {
  const room = { isThere: false };
  const { asked, pass } = watched(t, { used: [2], room });
  pass(5 * LONG_MS);
  assert.deepEqual(asked, []);
  room.isThere = true;
  pass(LONG_MS);
  assert.deepEqual(asked, [0]);
});

test('nobody looks where nothing waits, until something may wait again', (t) => {
  const { first, holdups, asked, pass } = watched(t, { used: [1] });
  pass(LONG_MS);
  first.used = 2;
  pass(3 * LONG_MS);
  assert.deepEqual(asked, []);
  holdups.watch();
  pass(LONG_MS);
  assert.deepEqual(asked, [0]);
});

test('nothing is asked after the end', (t) => {
  const { holdups, asked, pass } = watched(t, { used: [2] });
  holdups.stop();
  pass(3 * LONG_MS);
  assert.deepEqual(asked, []);
});

/** Slots with so many requests, the first of which have all begun at 0, and the cores of those that were asked. */
function watched(
  t: TestContext,
  { used, room = { isThere: true } }: { used: readonly [number, ...number[]]; room?: { isThere: boolean } },
) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  const asked: number[] = [];
  const slotOf = (core: number, of: number) => {
    const name = { site: '', generation: 1, seat: 0, worker: 1, core, pid: 12 };
    return { used: of, isOpen: true, oldestSince: 0, name };
  };
  const first = slotOf(0, used[0]);
  const slots = [first, ...used.slice(1).map((of, nth) => slotOf(nth + 1, of))];
  const holdups = new Holdups({
    slots,
    now: () => now,
    proceed: () => undefined,
    isRoomAt: () => room.isThere,
    ask: ({ core }) => asked.push(core),
  });
  holdups.watch();
  const pass = (milliseconds: number): void => {
    for (let passed = 0; passed < milliseconds; passed++) {
      now++;
      t.mock.timers.tick(1);
    }
  };
  return { first, holdups, asked, pass };
}
