import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warningLines } from '../../../src/core/config/warnings.ts';
import type { Diagnostic } from '../../../src/core/errors/diagnostic.ts';

function warning(rule: string, option: string, line: number): Diagnostic {
  const origin = { kind: 'file', path: 'app.ini', line } as const;
  return { severity: 'warning', rule, origin, option, message: `about "${option}"`, suggestions: [] };
}

test('all options without effect share one line, which names each once', () => {
  const warnings = [
    warning('accepted-option', 'thunder-lock', 1),
    warning('unknown-key', 'vaccum', 2),
    warning('accepted-option', 'plugins', 3),
    warning('accepted-option', 'plugins', 4),
  ];
  assert.deepEqual(warningLines(warnings), [
    'app.ini:2: about "vaccum"',
    'accepted without effect: thunder-lock, plugins (see docs/options.md)',
  ]);
});

test('there is no such line without them', () => {
  assert.deepEqual(warningLines([]), []);
});
