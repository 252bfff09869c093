import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { LogFile, type LogFileSettings } from '../../../src/core/log/log-file.ts';

const DATES = { form: undefined, onEveryLine: false };

describe('a log file', () => {
  let directory: string;
  let path: string;
  let opened: LogFile[];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'log-'));
    path = join(directory, 'log');
    opened = [];
  });
  afterEach(() => {
    for (const { fd } of opened) closeSync(fd);
    rmSync(directory, { recursive: true });
  });

  const open = (settings: Partial<LogFileSettings> = {}): LogFile => {
    const file = new LogFile({ truncate: false, mode: undefined, backupName: undefined, dates: DATES, ...settings });
    file.open(path);
    opened.push(file);
    return file;
  };
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');

  test('is appended to, unless it is to be emptied', () => {
    writeFileSync(path, 'before\n');
    open().log.line('after');
    assert.equal(read('log'), 'before\nafter\n');
    open({ truncate: true });
    assert.equal(read('log'), '');
  });

  test('is not for everybody, unless it has a mode of its own', () => {
    open();
    assert.equal(statSync(path).mode & 0o007, 0);
    open({ mode: 0o606 });
    assert.equal(statSync(path).mode & 0o777, 0o606);
  });

  test('that is rotated keeps what it has, under another name, and tells the others where to go on', () => {
    const file = open();
    const told: string[] = [];
    file.onReopened = (where) => told.push(where);
    file.log.line('old');
    file.rotate();
    file.log.line('new');
    const [backup = ''] = readdirSync(directory).filter((name) => name !== 'log');
    assert.match(backup, /^log\.\d{10}$/);
    assert.equal(read(backup), 'old\n');
    assert.match(read('log'), /the log was rotated: what came before is in .*log\.\d+\nnew\n$/);
    assert.deepEqual(told, [path]);
    assert.equal(file.size, statSync(path).size);
  });

  test('that is rotated twice within a second loses nothing', () => {
    mock.method(Date, 'now', () => 1_500_000_000_000);
    const file = open();
    for (const text of ['first', 'second', 'third']) {
      file.log.line(text);
      file.rotate();
    }
    mock.restoreAll();
    assert.deepEqual(readdirSync(directory), ['log', 'log.1500000000', 'log.1500000000.1', 'log.1500000000.2']);
    assert.equal(read('log.1500000000'), 'first\n');
  });

  test('has one backup where that has a name', () => {
    const file = open({ backupName: join(directory, 'backup') });
    file.rotate();
    file.log.line('kept');
    file.rotate();
    assert.deepEqual(readdirSync(directory), ['backup', 'log']);
    assert.match(read('backup'), /kept/);
  });

  test('that was moved away is made anew', () => {
    const file = open();
    renameSync(path, join(directory, 'moved'));
    file.log.line('to the moved one');
    file.reopen();
    assert.match(read('log'), /the log was reopened\n$/);
    assert.match(read('moved'), /to the moved one\n$/);
  });

  test('that cannot be renamed goes on and says why, and nobody is told to change', () => {
    const file = open({ backupName: join(directory, 'nowhere/backup') });
    file.onReopened = () => assert.fail('told');
    file.rotate();
    assert.match(read('log'), /cannot rename the log .*no such file or directory; the log goes on where it was\n$/);
  });

  test('that cannot be opened at the start is an error', () => {
    path = join(directory, 'nowhere/log');
    assert.throws(() => new LogFile({ truncate: false, mode: undefined, backupName: undefined, dates: DATES }).open(path), {
      message: `cannot write the log ${path}: no such file or directory`,
    });
  });
});

test('a log on standard error has nothing to reopen or to rotate', () => {
  const file = new LogFile({ truncate: false, mode: undefined, backupName: undefined, dates: DATES });
  file.onReopened = () => assert.fail('told');
  file.rotate();
  file.reopen();
  assert.deepEqual([file.isFile, file.size, file.fd], [false, 0, 2]);
});
