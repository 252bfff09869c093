import assert from 'node:assert/strict';
import test from 'node:test';
import { FixedQueue } from '../../../src/core/util/fixed-queue.ts';

test('items leave in the order in which they came, also around the end of the ring', () => {
  const queue = new FixedQueue<number>(4);
  const left: (number | undefined)[] = [];
  for (let item = 0; item < 20; item++) {
    queue.push(item);
    if (item % 2 === 1) left.push(queue.shift());
  }
  while (queue.length > 0) left.push(queue.shift());
  assert.deepEqual(left, [...Array(20).keys()]);
});

test('an item that is put in front leaves first', () => {
  const queue = new FixedQueue<string>(2);
  queue.push('b');
  queue.push('c');
  queue.unshift('a');
  assert.equal(queue.peek(), 'a');
  assert.deepEqual([...queue], ['a', 'b', 'c']);
});

test('an empty queue has nothing to give', () => {
  const queue = new FixedQueue<string>();
  assert.equal(queue.peek(), undefined);
  assert.equal(queue.shift(), undefined);
  assert.equal(queue.length, 0);
});
