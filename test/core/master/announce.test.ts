import assert from 'node:assert/strict';
import test from 'node:test';
import { announceBacklog, announceReady } from '../../../src/core/master/announce.ts';

for (const { what, limit, line } of [
  { what: 'that the system grants', limit: 128, line: 'backlog of each address: 128 (listen)' },
  {
    what: 'that the system cuts',
    limit: 127,
    line: 'backlog of each address: 128 (listen), cut to 127 by the system; to raise its limit: sysctl -w net.core.somaxconn=128',
  },
  { what: 'of whose limit the system does not tell', limit: undefined, line: 'backlog of each address: 128 (listen)' },
]) {
  test(`a backlog ${what}`, () => {
    const lines: string[] = [];
    announceBacklog({ line: (text) => lines.push(text), event: (text) => lines.push(text) }, 128, limit);
    assert.deepEqual(lines, [line]);
  });
}

for (const { workers, line } of [
  { workers: 0, line: 'ready: 0 workers, the first request starts them' },
  { workers: 1, line: 'ready: 1 worker' },
  { workers: 2, line: 'ready: 2 workers' },
]) {
  test(`it is told when ${workers} workers serve`, () => {
    const lines: string[] = [];
    announceReady({ line: (text) => lines.push(text), event: (text) => lines.push(text) }, workers);
    assert.deepEqual(lines, [line]);
  });
}
