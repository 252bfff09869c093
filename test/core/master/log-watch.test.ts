import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { watchLog } from '../../../src/core/master/log-watch.ts';

describe('the log', () => {
  let directory: string;
  let asked: string[];
  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval'] });
    directory = mkdtempSync(join(tmpdir(), 'log-watch-'));
    asked = [];
  });
  afterEach(() => {
    mock.timers.reset();
    rmSync(directory, { recursive: true });
  });

  const ask = (action: string, because: string): void => void asked.push(`${action}: ${because}`);

  test('is reopened or rotated when a file is touched', () => {
    const [reopen, rotate] = [join(directory, 'reopen'), join(directory, 'rotate')];
    const stop = watchLog({ touchReopen: [reopen], touchRotate: [rotate], maxBytes: 0 }, { size: 1 }, ask);
    writeFileSync(reopen, '');
    mock.timers.tick(500);
    writeFileSync(rotate, '');
    mock.timers.tick(500);
    stop();
    rmSync(rotate);
    mock.timers.tick(500);
    assert.deepEqual(asked, [`reopen-log: ${reopen}, which was touched`, `rotate-log: ${rotate}, which was touched`]);
  });

  test('is rotated whenever it is too large; where that fails, not before it has grown by as much again', () => {
    const log = { size: 0 };
    const stop = watchLog({ touchReopen: [], touchRotate: [], maxBytes: 100 }, log, ask);
    for (const size of [100, 101, 150, 201, 202, 5, 101]) {
      log.size = size;
      mock.timers.tick(500);
    }
    stop();
    assert.deepEqual(
      asked.map((line) => /\d+/.exec(line)?.[0]),
      ['101', '202', '101'],
    );
  });
});
