import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFailure } from '../../../src/core/workers/start-failure.ts';
import { tempDir } from '../../helpers/temp.ts';

/** A way to become another user, to whom a folder is closed. */
function closedTo(directory: string, folder: string): readonly string[] {
  const path = join(directory, 'become');
  writeFileSync(path, `#!/bin/sh\ncase $1 in id) echo web;; test) [ "$3" != ${folder} ];; esac\n`);
  chmodSync(path, 0o755);
  return [path];
}

/** The beginning of a program for this machine (elf(5)). */
const elf = (machine: number) => `\x7fELF${'\0'.repeat(14)}${String.fromCharCode(machine)}\0`;

test('a folder that the user of the server cannot enter is named, and the user', (t) => {
  const top = tempDir(t, { 'secret/venv/bin/python3': '' });
  const closed = join(top, 'secret');
  const text = startFailure(join(top, 'secret/venv/bin/python3'), closedTo(top, closed));
  assert.equal(
    text,
    `the user web cannot enter ${closed}, which is on the way to it; let that user in (chmod o+x ${closed}), or use a Python elsewhere`,
  );
});

test('a base Python that is gone is named', (t) => {
  const top = tempDir(t, { 'bin/python3': '', 'pyvenv.cfg': 'home = /nowhere/python3.9/bin\n' });
  assert.match(startFailure(join(top, 'bin/python3'), []) ?? '', /^the Python .* in \/nowhere\/python3\.9\/bin, is gone; make it anew/);
});

test('a program for another machine is told', (t) => {
  const other = process.arch === 's390x' ? 62 : 22;
  const top = tempDir(t, { 'bin/python3': elf(other) });
  assert.match(startFailure(join(top, 'bin/python3'), []) ?? '', /^it is a program for (s390x|x86_64), and this machine is /);
});

test('where nothing is found nothing is said', (t) => {
  const top = tempDir(t, { 'bin/python3': '#!/bin/sh\n' });
  assert.equal(startFailure(join(top, 'bin/python3'), []), undefined);
  assert.equal(startFailure('/no/such/python3', []), undefined);
});

test('where no program can be started nobody is accused', (t) => {
  const top = tempDir(t, { 'bin/python3': '#!/bin/sh\n' });
  assert.equal(startFailure(join(top, 'bin/python3'), ['/no/such/setpriv']), undefined);
});
