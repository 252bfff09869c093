import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pidFileOrder } from '../../../src/core/operate/pid-file-order.ts';
import { parseArgv } from '../../../src/core/options/argv.ts';
import { Findings } from '../../../src/core/options/findings.ts';

for (const { words, expected } of [
  { words: '--reload a.pid', expected: { type: 'reload', pidFile: 'a.pid' } },
  { words: '--stop a.pid', expected: { type: 'stop', pidFile: 'a.pid' } },
  { words: '--pause a.pid', expected: { type: 'pause', pidFile: 'a.pid' } },
  { words: '--suspend a.pid', expected: { type: 'pause', pidFile: 'a.pid' } },
  { words: '--resume a.pid', expected: { type: 'resume', pidFile: 'a.pid' } },
  { words: '-M --stop a.pid --reload b.pid', expected: { type: 'stop', pidFile: 'a.pid' } },
  { words: '-M --http :0', expected: undefined },
]) {
  test(`${words} ${expected === undefined ? 'starts a server' : `means to ${expected.type} the one of ${expected.pidFile}`}`, () => {
    assert.deepEqual(pidFileOrder(parseArgv(words.split(' '), new Findings()).entries), expected);
  });
}
