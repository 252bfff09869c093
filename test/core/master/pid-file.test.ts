import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { removePidFile, writePidFile } from '../../../src/core/master/pid-file.ts';

let directory: string;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'pid-'));
});
after(() => rmSync(directory, { recursive: true }));

test('a pid file holds the pid and a newline, for all to read', () => {
  const path = join(directory, 'app.pid');
  assert.equal(writePidFile(path), path);
  assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`);
  assert.equal(statSync(path).mode & 0o777, 0o644);
});

test('a pid file that cannot be written is named', () => {
  const path = join(directory, 'nowhere/app.pid');
  assert.throws(() => writePidFile(path), {
    code: 'TSU_SERVER_FILE',
    message: `cannot write the pid file ${path}: no such file or directory`,
  });
});

test('a pid file is removed, and nothing is said when somebody else did it', () => {
  const path = join(directory, 'gone.pid');
  writePidFile(path);
  removePidFile(path);
  assert.equal(existsSync(path), false);
  removePidFile(path);
});

test('a pid file that another server has taken over stays', () => {
  const path = join(directory, 'taken.pid');
  writeFileSync(path, '1\n');
  removePidFile(path);
  assert.equal(readFileSync(path, 'utf8'), '1\n');
});
