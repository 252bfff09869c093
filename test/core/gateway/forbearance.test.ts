import assert from 'node:assert/strict';
import { stat } from 'node:fs';
import { test } from 'node:test';
import { Forbearance } from '../../../src/core/gateway/forbearance.ts';
import { eventually } from '../../helpers/eventually.ts';

test('a client that does not go on is waited for a moment', async () => {
  const { forbearance, ends } = create();
  const began = performance.now();
  forbearance.begin();
  await eventually('it ends', () => ends.length === 1);
  assert.ok((ends[0] ?? 0) - began >= 24, `${ends[0]} after ${began}`);
});

test('one that goes on in time is not heard of again', async () => {
  const { forbearance, ends } = create();
  forbearance.begin();
  forbearance.end();
  await pause(60);
  assert.deepEqual(ends, []);
});

test('one that has kept up for long may stumble', async () => {
  const { forbearance, ends } = create();
  for (let nth = 0; nth < 20; nth++) {
    forbearance.begin();
    forbearance.end();
  }
  const began = performance.now();
  forbearance.begin();
  await eventually('it ends', () => ends.length === 1);
  assert.ok((ends[0] ?? 0) - began >= 240, `${(ends[0] ?? 0) - began} ms`);
});

test('what the client has taken while this process was busy is heard of first', async () => {
  const { forbearance, ends } = create();
  forbearance.begin();
  // Node hears of it after the timers that are due, as it does of a drain.
  stat('.', () => forbearance.end());
  const until = performance.now() + 40;
  while (performance.now() < until);
  await pause(60);
  assert.deepEqual(ends, []);
});

function create() {
  const ends: number[] = [];
  return { forbearance: new Forbearance(() => void ends.push(performance.now())), ends };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
