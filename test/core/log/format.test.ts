import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compileFormat, defaultLine, LOG_VARIABLES } from '../../../src/core/log/format.ts';

test('a format is text and variables, each of its kind', () => {
  assert.deepEqual(compileFormat('a %(uri)"%(var.HTTP_X)" %(metric.jobs)%(mine)!'), [
    { kind: 'text', value: 'a ' },
    { kind: 'variable', value: 'uri', isQuoted: false },
    { kind: 'text', value: '"' },
    { kind: 'var', value: 'HTTP_X', isQuoted: true },
    { kind: 'text', value: '" ' },
    { kind: 'metric', value: 'jobs', isQuoted: false },
    { kind: 'logvar', value: 'mine', isQuoted: false },
    { kind: 'text', value: '!' },
  ]);
});

for (const text of ['100%%', '%x', '%()', '%(uri', '(uri)']) {
  test(`"${text}" has no variable`, () => assert.deepEqual(compileFormat(text), [{ kind: 'text', value: text }]));
}

test('what stays open does not swallow the variable behind it', () => {
  assert.deepEqual(compileFormat('%(m%(uri)'), [
    { kind: 'text', value: '%(m' },
    { kind: 'variable', value: 'uri', isQuoted: false },
  ]);
});

test('nobody can ask for what only the default line has', () => {
  assert.equal(compileFormat('%(@user)')[0]?.kind, 'logvar');
  assert.ok(
    defaultLine({ micros: true, forwarded: true, memory: true, host: true }).every(({ kind }) => kind === 'text' || kind === 'variable'),
  );
});

test('docs/logging.md tells every variable', () => {
  const page = readFileSync('docs/logging.md', 'utf8');
  for (const name of LOG_VARIABLES) assert.ok(page.includes(`\`%(${name})\``), name);
});
