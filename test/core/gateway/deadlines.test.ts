import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { Deadlines, tickFor } from '../../../src/core/gateway/deadlines.ts';
import { connectionPair } from '../../helpers/connection-pair.ts';
import { onEnd } from '../../helpers/scope.ts';

const TICK_MS = 10;

function waiting(deadline: number) {
  const expired: number[] = [];
  return { deadline, expired, expire: () => void expired.push(1) };
}

test('what has waited too long expires, once, and never early', () => {
  const deadlines = new Deadlines(TICK_MS, () => undefined);
  deadlines.tick(1000);
  const one = waiting(deadlines.after(100));
  deadlines.watch(one);
  deadlines.tick(1100);
  assert.deepEqual(one.expired, []);
  deadlines.tick(1110);
  deadlines.tick(1120);
  assert.deepEqual(one.expired, [1]);
});

test('a limit of 0 never comes', () => {
  assert.equal(new Deadlines(TICK_MS, () => undefined).after(0), Infinity);
});

test('what is forgotten does not expire', () => {
  const deadlines = new Deadlines(TICK_MS, () => undefined);
  const one = waiting(0);
  deadlines.watch(one);
  deadlines.forget(one);
  deadlines.tick();
  assert.deepEqual(one.expired, []);
});

test('what came while the process was kept from its turn is heard before anything expires', async (t) => {
  const { socket, client } = await connectionPair(t);
  const deadlines = new Deadlines(TICK_MS, () => undefined);
  const LIMIT_MS = 20 * TICK_MS;
  const one = waiting(deadlines.after(LIMIT_MS));
  deadlines.watch(one);
  deadlines.start();
  onEnd(t, () => deadlines.stop());
  const heard = once(socket, 'data').then(() => {
    one.deadline = Infinity;
    assert.deepEqual(one.expired, []);
  });
  client.write('here');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * LIMIT_MS);
  await heard;
});

test('the tick follows the shortest limit and is never a burden', () => {
  assert.equal(tickFor(0, 4000, 5000), 250);
  assert.equal(tickFor(0, 300, 5000), 30);
  assert.equal(tickFor(0, 1), 5);
  assert.equal(tickFor(0), 250);
});
