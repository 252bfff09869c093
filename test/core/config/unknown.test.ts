import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { reportUnknownKeys } from '../../../src/core/config/unknown.ts';
import type { Origin } from '../../../src/core/errors/error.ts';
import { Findings } from '../../../src/core/options/findings.ts';

const FILE: Origin = { kind: 'file', path: 'app.ini', line: 3 };

/** What is said of one entry, in short. */
function report(
  name: string,
  text = '',
  { isStrict = false, placeholders = [] as string[], declared = [] as string[], origin = FILE } = {},
) {
  const findings = new Findings();
  reportUnknownKeys([{ name, text, origin }], { isStrict, placeholders: new Set(placeholders), declared: new Set(declared) }, findings);
  return findings.diagnostics.map(({ severity, rule, message, suggestions }) => ({ severity, rule, message, suggestions }));
}

describe('a key that is no option', () => {
  test('is told with the name that was probably meant', () => {
    assert.deepEqual(report('vaccum', 'true'), [
      {
        severity: 'warning',
        rule: 'unknown-key',
        message: 'there is no option "vaccum"; it is ignored',
        suggestions: ['write "vacuum"'],
      },
    ]);
  });

  test('is fine when a value asks for it', () => {
    assert.deepEqual(report('base', '/srv', { placeholders: ['base'] }), []);
  });

  test('is an error in strict files, even when a value asks for it', () => {
    assert.deepEqual(report('base', '/srv', { isStrict: true, placeholders: ['base'] }), [
      { severity: 'error', rule: 'unknown-option', message: 'there is no option "base"', suggestions: [] },
    ]);
  });

  test('is fine in strict files when it was declared as a placeholder', () => {
    assert.deepEqual(report('base', '/srv', { isStrict: true, declared: ['base'] }), []);
  });

  test('in the environment is told only when it is all but an option', () => {
    const origin: Origin = { kind: 'environment', variable: 'UWSGI_VACUUMM' };
    assert.deepEqual(report('service-host', '10.0.0.1', { isStrict: true, origin }), []);
    assert.deepEqual(
      report('vacuumm', 'true', { origin }).map(({ suggestions }) => suggestions),
      [['write UWSGI_VACUUM']],
    );
  });
});

test('an option without effect is told with its reason', () => {
  assert.deepEqual(report('thunder-lock', 'true'), [
    {
      severity: 'warning',
      rule: 'accepted-option',
      message: '"thunder-lock" has no effect here. The kernel wakes one waiting worker for each connection.',
      suggestions: [],
    },
  ]);
});

test('an option that only uWSGI has is told with what serves instead, also in strict files', () => {
  assert.deepEqual(report('attach-daemon', 'redis-server', { isStrict: true }), [
    {
      severity: 'warning',
      rule: 'unsupported-option',
      message: '"attach-daemon" is an option of uWSGI that tsuwsgi does not have; it is ignored',
      suggestions: ['start the program as a service of its own'],
    },
  ]);
});

for (const name of ['udp', 'zerg', 'chroot', 'cap', 'unshare', 'extract', 'emperor-on-demand-directory']) {
  test(`${name} is an error: ignoring it would open a door or miss what was asked for`, () => {
    assert.deepEqual(
      report(name, 'x').map(({ severity, rule }) => ({ severity, rule })),
      [{ severity: 'error', rule: 'unsupported-option' }],
    );
  });
}

test('a flag that is turned off is not missed', () => {
  for (const text of ['false', '0', 'No', 'off']) assert.deepEqual(report('jailed', text), []);
});

test('a supported option is not worth a word', () => {
  assert.deepEqual([...report('workers', '4'), ...report('endif'), ...report('include', 'base.ini')], []);
});
