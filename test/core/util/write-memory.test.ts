import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaveWriteMemory, WRITE_MEMORY, writeMemory } from '../../../src/core/util/write-memory.ts';

test('whoever writes next gets the same memory, but for what is still to be written', () => {
  const first = writeMemory(10);
  const second = writeMemory(WRITE_MEMORY);
  assert.deepEqual([first.length, second.length, second.buffer === first.buffer], [10, WRITE_MEMORY, true]);
  leaveWriteMemory();
  const third = writeMemory(10);
  third.fill('!');
  assert.ok(third.buffer !== first.buffer);
  assert.equal(writeMemory(1).buffer, third.buffer);
});
