import assert from 'node:assert/strict';
import test from 'node:test';
import { YoungGarbage } from '../../../src/core/util/young-garbage.ts';

test('what is young is collected once for each megabyte', (t) => {
  const collected: unknown[] = [];
  const before = globalThis.gc;
  t.after(() => (globalThis.gc = before));
  globalThis.gc = ((options: unknown) => collected.push(options)) as unknown as NodeJS.GCFunction;
  const garbage = new YoungGarbage();
  for (let at = 0; at < 47; at++) garbage.add(64 * 1024);
  assert.deepEqual(collected, [
    { type: 'minor', execution: 'sync' },
    { type: 'minor', execution: 'sync' },
  ]);
});

test('the collector is there in a process that was started without it', (t) => {
  const before = globalThis.gc;
  t.after(() => (globalThis.gc = before));
  Reflect.deleteProperty(globalThis, 'gc');
  new YoungGarbage().add(2 ** 20);
  assert.equal(typeof globalThis.gc, 'function');
});
