import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentMemory } from '../../../src/core/util/recent-memory.ts';

test('a process is looked at once a second', () => {
  const memory = new RecentMemory();
  const first = memory.of(process.pid, 0);
  assert.ok(first.rss > 1e6 && first.as > first.rss);
  assert.equal(memory.of(process.pid, 999), first);
  assert.notEqual(memory.of(process.pid, 1000), first);
});

test('where there is no process there are zeros', () => {
  const memory = new RecentMemory();
  for (const pid of [undefined, 0, 2 ** 30]) assert.deepEqual(memory.of(pid, 0), { rss: 0, as: 0 });
});
