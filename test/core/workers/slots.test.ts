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

  describe('and requests are to run on one thread of each', () => {
    test('that thread has the next one, and of several the one with the fewest', () => {
      const [first, second] = [slotsOfWorker(-1, 0, 2, 0), slotsOfWorker(-2, 1, 0)];
      assert.equal(slotsOf(...first, ...second).warmest(3, 0), second[0]);
    });

    test('a worker of which none has any comes first', () => {
      const [first, second] = [slotsOfWorker(-1, 1, 0), slotsOfWorker(-2, 0, 0)];
      assert.equal(slotsOf(...first, ...second).warmest(3, 0), second[0]);
    });

    test('others are not used while those have enough', () => {
      assert.equal(slotsOf(...slotsOfWorker(-1, 2, 0), ...slotsOfWorker(-2, 0, 2).reverse()).warmest(2, 0), undefined);
    });

    test('threads that have some still get no more', () => {
      const [next, draining] = slotsOfWorker(-1, 2, 1);
      assert.equal(slotsOf(...[next, draining].filter((one) => one !== undefined)).warmest(3, 0), next);
      assert.equal(slotsOf(...[next, draining].filter((one) => one !== undefined)).warmest(2, 0), undefined);
    });

    test('another takes the place of one that has been at its request for long, or that takes none', () => {
      const long = slotsOfWorker(-1, 1, 0);
      assert.equal(slotsOf(...long).warmest(2, LONG_MS), long[1]);
      const closed = [slot(1, { pid: -2, isOpen: false }), slot(0, { pid: -2 })];
      assert.equal(slotsOf(...closed).warmest(2, 0), closed[1]);
    });
  });

  test('one that has run for long is seen, and none that is over', () => {
    const slots = slotsOf(...slotsOfWorker(-1, 1, 0), slot(2, { oldestSince: 1 }));
    assert.deepEqual([slots.hasLongAt(LONG_MS - 1), slots.hasLongAt(LONG_MS)], [false, true]);
    assert.ok(!slotsOf(slot(0), slot(1, { oldestSince: 1 })).hasLongAt(LONG_MS));
  });

  test('it is known whether there are threads', () => {
    assert.deepEqual(
      [slotsOf(...slotsOfWorker(-1, 0, 0), slot(0)), slotsOf(slot(0), slot(0))].map((slots) => [slots.areThreads, slots.workers]),
      [
        [true, 2],
        [false, 2],
      ],
    );
  });

  test('all of them are there, and none that was removed', () => {
    const [first, second, alone] = [slot(0, { pid: -1 }), slot(0, { pid: -1 }), slot(0, { pid: -2 })];
    const slots = slotsOf(first, second, alone);
    slots.remove(first);
    slots.remove(alone);
    assert.deepEqual([...slots], [second]);
  });
});
