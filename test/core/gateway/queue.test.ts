import assert from 'node:assert/strict';
import test from 'node:test';
import { Exchange } from '../../../src/core/gateway/exchange.ts';
import { RequestQueue } from '../../../src/core/gateway/queue.ts';

const HEAD = { minor: 1, isHead: false, isPersistent: true, body: { kind: 'length', length: 0 }, expectsContinue: false, end: 0 } as const;
const CLIENT = {
  isPersistent: true,
  write: () => undefined,
  responded: () => undefined,
  cut: () => undefined,
  wanted: () => undefined,
  unwanted: () => undefined,
  log: () => undefined,
};

const exchange = () => new Exchange(CLIENT, HEAD, Buffer.alloc(20));

/** As when its client leaves. */
function leave(queue: RequestQueue, one: Exchange): void {
  one.state = 'ended';
  queue.drop();
}

test('a full queue takes no more, but one that comes back always finds its place', () => {
  const queue = new RequestQueue(1);
  const [first, second, back] = [exchange(), exchange(), exchange()];
  assert.ok(queue.push(first));
  assert.ok(!queue.push(second));
  queue.unshift(back);
  assert.deepEqual([queue.shift(), queue.shift(), queue.shift()], [back, first, undefined]);
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
