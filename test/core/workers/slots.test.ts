import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Slots, type Usable } from '../../../src/core/workers/slots.ts';

/** Of a worker of its own, where none is named. */
const slot = (used: number, { isOpen = true, pid = nextPid++ } = {}): Usable => ({ used, isOpen, name: { pid } });
let nextPid = 1;

function slotsOf(...all: Usable[]): Slots<Usable> {
  const slots = new Slots<Usable>();
  for (const one of all) slots.add(one);
  return slots;
}

test('the least used slot is next, and the first of equals', () => {
  const [a, b, c] = [slot(2), slot(1), slot(1)];
  assert.equal(slotsOf(a, b, c).leastUsed(16), b);
});

test('a slot that has enough is not next', () => {
  assert.equal(slotsOf(slot(1), slot(1)).leastUsed(1), undefined);
});

test('a slot that is not open is not next, however idle', () => {
  const open = slot(3);
  assert.equal(slotsOf(slot(0, { isOpen: false }), open).leastUsed(4), open);
});

test('a slot that was removed is not next', () => {
  const [gone, other] = [slot(0), slot(0)];
  const slots = slotsOf(gone, other);
  slots.remove(gone);
  assert.equal(slots.leastUsed(1), other);
});

describe('where workers have several slots', () => {
  const slotsOfWorker = (pid: number, ...used: number[]): Usable[] => used.map((one) => slot(one, { pid }));

  test('an idle slot of the worker with the fewest busy ones is next', () => {
    const [first, second, third] = [slotsOfWorker(-1, 1, 1, 0), slotsOfWorker(-2, 1, 0, 0), slotsOfWorker(-3, 0, 1, 0)];
    assert.equal(slotsOf(...first, ...second, ...third).leastUsed(1), second[1]);
  });

  test('it does not matter in which order their slots came', () => {
    const [busy, idle, other] = [slot(1, { pid: -1 }), slot(0, { pid: -1 }), slot(0, { pid: -2 })];
    assert.equal(slotsOf(busy, other, idle).leastUsed(1), other);
    assert.equal(slotsOf(busy, idle, other).leastUsed(1), other);
  });

  test('an idle slot of a busy worker comes before a busy one of another', () => {
    const [busy, other] = [slotsOfWorker(-1, 9, 9, 0), slotsOfWorker(-2, 1)];
    assert.equal(slotsOf(...busy, ...other).leastUsed(16), busy[2]);
  });

  test('a busy slot counts that may be given no more', () => {
    const retiring = [slot(1, { pid: -1, isOpen: false }), slot(0, { pid: -1 })];
    const other = slotsOfWorker(-2, 0);
    assert.equal(slotsOf(...retiring, ...other).leastUsed(1), other[0]);
  });

  test('all of them are there, and none that was removed', () => {
    const [first, second, alone] = [slot(0, { pid: -1 }), slot(0, { pid: -1 }), slot(0, { pid: -2 })];
    const slots = slotsOf(first, second, alone);
    slots.remove(first);
    slots.remove(alone);
    assert.deepEqual([...slots], [second]);
  });
});
