import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, type Machine } from '../../../helpers/lint.ts';

const BROKEN = { fault: { message: 'it is broken', suggestion: 'make it anew' } };
const APART = { mismatch: { message: 'its packages are for another Python', suggestion: 'make it anew' } };

for (const { what, line, machine, found } of [
  { what: 'that works', line: 'home = venv', machine: {}, found: [] },
  { what: 'that does not work', line: 'home = venv', machine: { virtualenv: BROKEN }, found: ['4 broken-virtualenv'] },
  { what: 'with packages for another Python', line: 'venv = /srv/venv', machine: { virtualenv: APART }, found: ['4 virtualenv-version'] },
  { what: 'that is not there', line: 'pyhome = venv', machine: { virtualenv: BROKEN, missing: /venv/ }, found: ['4 missing-path'] },
  { what: 'that a variable names', line: 'virtualenv = $(NO_SUCH)/venv', machine: { virtualenv: BROKEN }, found: [] },
  { what: 'with a tilde', line: 'virtualenv = ~/venv', machine: { virtualenv: BROKEN }, found: ['4 home-tilde'] },
] as readonly { what: string; line: string; machine: Machine; found: readonly string[] }[]) {
  test(`a virtualenv ${what}: ${found.join() || 'nothing'}`, (t) => {
    const text = `[uwsgi]\nhttp = :9090\nmodule = app\n${line}\nmaster = true\n`;
    const about = /virtualenv|missing-path|home-tilde/;
    assert.deepEqual(
      findingsIn(t, { name: 'app.ini', text }, machine).filter((finding) => about.test(finding)),
      found,
    );
  });
}

test('only a home directory is meant by a tilde at the beginning of a path', (t) => {
  const text = '[uwsgi]\nhttp = :9090\nmodule = app\npythonpath = ~\npidfile = /tmp/~x\nenv = A=~/x\npythonpath = ~x\n';
  const found = findingsIn(t, { name: 'app.ini', text }).filter((finding) => finding.endsWith('home-tilde'));
  assert.deepEqual(found, ['4 home-tilde']);
});
