import assert from 'node:assert/strict';
import test from 'node:test';
import type { Exchange } from '../../../src/core/gateway/exchange.ts';
import { RequestQueue } from '../../../src/core/gateway/queue.ts';
import { fakeExchange } from './fake-exchange.ts';

const exchange = () => fakeExchange().exchange;

/** As when its client leaves. */
function leave(queue: RequestQueue, one: Exchange): void {
  one.state = 'ended';
  queue.drop();
}

test('a full queue takes no more, but one that comes back always finds its place', () => {
  const queue = new RequestQueue(1);
  const [back, first, second] = [exchange(), exchange(), exchange()];
  assert.ok(queue.push(first));
  assert.ok(!queue.push(second));
  queue.putBack(back);
  assert.deepEqual([queue.shift(), queue.shift(), queue.shift()], [back, first, undefined]);
});

test('those that come back from several workers stand in the order in which they came', () => {
  const queue = new RequestQueue(10);
  const [first, second, third, fourth] = [exchange(), exchange(), exchange(), exchange()];
  queue.push(fourth);
  for (const back of [second, third, first]) queue.putBack(back);
  assert.deepEqual([queue.shift(), queue.shift(), queue.shift(), queue.shift()], [first, second, third, fourth]);
  assert.equal(queue.length, 0);
});

test('its age is that of the oldest whose client is still there', () => {
  const queue = new RequestQueue(10);
  assert.equal(queue.ageAt(performance.now()), 0);
  const [gone, ...others] = [1000, 2000, 3000].map((since) => fakeExchange(since).exchange) as [Exchange, ...Exchange[]];
  for (const one of [gone, ...others]) queue.push(one);
  leave(queue, gone);
  assert.equal(queue.ageAt(3500), 1500);
  assert.equal(queue.length, 2);
});

test('one whose client left makes room and is passed over', () => {
  const queue = new RequestQueue(2);
  const [gone, stays, next] = [exchange(), exchange(), exchange()];
  queue.push(gone);
  queue.push(stays);
  leave(queue, gone);
  assert.equal(queue.length, 1);
  assert.ok(queue.push(next));
  assert.deepEqual([queue.shift(), queue.shift(), queue.shift()], [stays, next, undefined]);
  assert.equal(queue.length, 0);
});

test('clients that come and go while nothing is served do not fill the memory', () => {
  const queue = new RequestQueue(10);
  const stays = exchange();
  queue.push(stays);
  for (let client = 0; client < 1000; client++) {
    const gone = exchange();
    assert.ok(queue.push(gone));
    leave(queue, gone);
  }
  assert.equal(queue.length, 1);
  assert.equal(queue.shift(), stays);
  assert.equal(queue.shift(), undefined);
});
