import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isHeldUp, LONG_MS, Slots, type Usable } from '../../../src/core/workers/slots.ts';

/** Of a worker of its own, where none is named. */
const slot = (used: number, { isOpen = true, pid = nextPid++, oldestSince = 0 } = {}): Usable => ({
  used,
  isOpen,
  oldestSince,
  name: { pid },
});
let nextPid = 1;

function slotsOf(...all: Usable[]): Slots<Usable> {
  const slots = new Slots<Usable>();
  for (const one of all) slots.add(one);
  return slots;
}

test('the least used slot is next, and the first of equals', () => {
  const [a, b, c] = [slot(2), slot(1), slot(1)];
  assert.equal(slotsOf(a, b, c).leastUsed(16, -Infinity), b);
});

test('a slot that has enough is not next', () => {
  assert.equal(slotsOf(slot(1), slot(1)).leastUsed(1, -Infinity), undefined);
});

test('a slot that is not open is not next, however idle', () => {
  const open = slot(3);
  assert.equal(slotsOf(slot(0, { isOpen: false }), open).leastUsed(4, -Infinity), open);
});

test('a slot that has been at its request for long is given no more', () => {
  const [long, other] = [slot(1), slot(2, { oldestSince: 1 })];
  const slots = slotsOf(long, other);
  assert.equal(slots.leastUsed(16, LONG_MS - 1), long);
  assert.equal(slots.leastUsed(16, LONG_MS), other);
  assert.equal(slots.leastUsed(16, LONG_MS + 1), undefined);
  assert.equal(slots.leastUsed(16, -Infinity), long, 'unless that does not matter');
});

test('for how long the last request of an idle slot has run does not matter', () => {
  const idle = slot(0);
  assert.equal(slotsOf(idle).leastUsed(1, LONG_MS), idle);
});

test('what waits is held up when the first has run for long', () => {
  assert.deepEqual(
    [slot(2), slot(1), slot(2, { oldestSince: 1 })].map((one) => isHeldUp(one, LONG_MS)),
    [true, false, false],
  );
});

test('a slot that was removed is not next', () => {
  const [gone, other] = [slot(0), slot(0)];
  const slots = slotsOf(gone, other);
  slots.remove(gone);
  assert.equal(slots.leastUsed(1, -Infinity), other);
});

describe('where workers have several slots', () => {
  const slotsOfWorker = (pid: number, ...used: number[]): Usable[] => used.map((one) => slot(one, { pid }));

  test('an idle slot of the worker with the fewest busy ones is next', () => {
    const [first, second, third] = [slotsOfWorker(-1, 1, 1, 0), slotsOfWorker(-2, 1, 0, 0), slotsOfWorker(-3, 0, 1, 0)];
    assert.equal(slotsOf(...first, ...second, ...third).leastUsed(1, -Infinity), second[1]);
  });

  test('it does not matter in which order their slots came', () => {
    const [busy, idle, other] = [slot(1, { pid: -1 }), slot(0, { pid: -1 }), slot(0, { pid: -2 })];
    assert.equal(slotsOf(busy, other, idle).leastUsed(1, -Infinity), other);
    assert.equal(slotsOf(busy, idle, other).leastUsed(1, -Infinity), other);
  });

  test('an idle slot of a busy worker comes before a busy one of another', () => {
    const [busy, other] = [slotsOfWorker(-1, 9, 9, 0), slotsOfWorker(-2, 1)];
    assert.equal(slotsOf(...busy, ...other).leastUsed(16, -Infinity), busy[2]);
  });

  test('a busy slot counts that may be given no more', () => {
    const retiring = [slot(1, { pid: -1, isOpen: false }), slot(0, { pid: -1 })];
    const other = slotsOfWorker(-2, 0);
    assert.equal(slotsOf(...retiring, ...other).leastUsed(1, -Infinity), other[0]);
  });

  test('all of them are there, and none that was removed', () => {
    const [first, second, alone] = [slot(0, { pid: -1 }), slot(0, { pid: -1 }), slot(0, { pid: -2 })];
    const slots = slotsOf(first, second, alone);
    slots.remove(first);
    slots.remove(alone);
    assert.deepEqual([...slots], [second]);
  });
});
