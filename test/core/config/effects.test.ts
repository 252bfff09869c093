import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printedLines } from '../../../src/core/config/effects.ts';
import { LOGGERS } from '../../../src/core/options/logger.ts';

for (const name of ['logger-list', 'loggers-list']) {
  test(`${name} prints the kinds of loggers, behind what was to be printed anyway`, () => {
    const origin = { kind: 'argv', argument: `--${name}` } as const;
    assert.deepEqual(
      printedLines([
        { name, text: '', origin },
        { name: 'print', text: 'hello', origin },
      ]),
      ['hello', '*** loggers ***', ...LOGGERS, '--- end of loggers ---'],
    );
  });
}
