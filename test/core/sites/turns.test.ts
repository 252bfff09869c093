import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { Turns } from '../../../src/core/sites/turns.ts';

test('nobody begins before the one before has ended, however that ends', async () => {
  const turns = new Turns();
  const said: string[] = [];
  let endFirst: (error: Error) => void = () => undefined;
  const first = turns.take(() => {
    said.push('first');
    return new Promise<never>((_, reject) => (endFirst = reject));
  });
  const second = turns.take(() => Promise.resolve(said.push('second')));
  await settle();
  assert.deepEqual(said, ['first']);
  endFirst(new Error('in vain'));
  await assert.rejects(first, { message: 'in vain' });
  assert.equal(await second, 2);
});

test('a turn that was begun lasts until it is ended', async () => {
  const turns = new Turns();
  const said: string[] = [];
  const end = await turns.begin();
  const next = turns.take(() => Promise.resolve(said.push('next')));
  await settle();
  assert.deepEqual(said, []);
  end();
  await next;
  assert.deepEqual(said, ['next']);
});
