import assert from 'node:assert/strict';
import test from 'node:test';
import { Slots, type Usable } from '../../../src/core/workers/slots.ts';

const slot = (used: number, isOpen = true): Usable => ({ used, isOpen });

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
  assert.equal(slotsOf(slot(0, false), open).leastUsed(4), open);
});

test('a slot that was removed is not next', () => {
  const [gone, other] = [slot(0), slot(0)];
  const slots = slotsOf(gone, other);
  slots.remove(gone);
  assert.equal(slots.leastUsed(1), other);
});
