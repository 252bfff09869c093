import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createScoreboard, ScoreboardReader, type ScoreboardLayout } from '../../../src/core/stats/scoreboard.ts';
import { writeSlot } from '../../helpers/scoreboard.ts';

describe('the scoreboard', () => {
  let directory: string;
  let layout: ScoreboardLayout;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'scoreboard-'));
    layout = { path: join(directory, 'scoreboard'), seats: 3, threads: 2 };
    createScoreboard(layout);
  });
  after(() => rmSync(directory, { recursive: true }));

  test('begins with its layout and is closed to others', () => {
    const bytes = readFileSync(layout.path);
    assert.equal(bytes.toString('latin1', 0, 4), 'TSUS');
    assert.deepEqual([bytes.readUInt32LE(4), bytes.readUInt32LE(8), bytes.readUInt32LE(12)], [1, 6, 2]);
    assert.equal(bytes.length, 128 + 6 * 256);
    assert.equal(statSync(layout.path).mode & 0o777, 0o600);
  });

  test('shows a seat as its slots wrote it', () => {
    writeSlot(layout, 3, {
      state: 2,
      requestId: 7,
      startedAtUs: 2 ** 40,
      requests: 11,
      bytesSent: 12,
      deadlineMs: 500,
      request: 'GET /caf\xe9',
    });
    const reader = new ScoreboardReader(layout);
    const [first, second] = reader.refresh().seat(1);
    reader.close();
    assert.equal(first?.state, 'empty');
    assert.deepEqual(
      { ...second },
      {
        state: 'busy',
        requestId: 7,
        startedAtUs: 2 ** 40,
        requests: 11,
        exceptions: 0,
        bytesSent: 12,
        runningTimeUs: 0,
        writeErrors: 0,
        readErrors: 0,
        averageResponseTimeUs: 0,
        deadlineMs: 500,
        request: 'GET /caf\xe9',
      },
    );
  });

  test('is laid out as the Python runtime writes it', () => {
    const script = [
      'import sys; sys.path.insert(0, "python")',
      'from tsuwsgi.scoreboard import Scoreboard',
      `record = Scoreboard(${JSON.stringify(layout.path)}, ${layout.threads}).record(2, 1)`,
      'record.begin(9, 5_000_000, b"GET /from/python")',
    ];
    execFileSync('/usr/bin/python3', ['-c', script.join('\n')]);
    const reader = new ScoreboardReader(layout);
    const record = reader.refresh().seat(2)[1];
    reader.close();
    assert.deepEqual([record?.state, record?.requestId, record?.startedAtUs, record?.request], ['busy', 9, 5_000_000, 'GET /from/python']);
  });
});
