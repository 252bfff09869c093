import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownKib, parseSmaps } from '../../bench/own-memory.ts';

const SMAPS = `00400000-0062c000 r-xp 00001000 08:01 1572 /usr/bin/a program
Rss:                 400 kB
Pss:                 100 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
7ffd0c000-7ffd0d000 rw-p 00000000 00:00 0                          [heap]
Rss:                  80 kB
Pss:                  40 kB
Pss_Dirty:            40 kB
Anonymous:            80 kB
`;

test('reads the mappings of a process', () => {
  assert.deepEqual(parseSmaps(SMAPS), [
    { file: '/usr/bin/a program 00001000', share: 100, resident: 400, anonymous: 0 },
    { file: undefined, share: 40, resident: 80, anonymous: 80 },
  ]);
});

test('counts what is mapped of a file once, and whole, whoever else has it mapped', () => {
  const once = ownKib([process.pid]);
  const pss = process.memoryUsage.rss() / 1024;
  assert.ok(once > 10_000 && once < pss * 1.5, `${String(once)} KiB`);
});

test('a process that has ended has no memory', () => {
  assert.equal(ownKib([2 ** 30]), 0);
});
