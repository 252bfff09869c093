import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { memoryOf, parseMemory } from '../../../src/core/util/memory.ts';

describe('the size of a process', () => {
  test('is read in bytes', () => {
    const { rss = 0, as = 0 } = parseMemory(readFileSync('/proc/self/status', 'latin1')) ?? {};
    assert.ok(rss > 10 * 2 ** 20 && as > rss, `${rss} of ${as}`);
  });

  test('is unknown for one that is about to end, and for one that is gone', () => {
    assert.equal(parseMemory('Name:\tpython3\nState:\tZ (zombie)\n'), undefined);
    assert.equal(memoryOf(2 ** 30), undefined);
  });
});
