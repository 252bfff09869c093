import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  createScoreboard,
  methodAndUri,
  type ScoreboardLayout,
  ScoreboardReader,
  ScoreboardWriter,
} from '../../../src/core/stats/scoreboard.ts';
import { writeSlot } from '../../helpers/scoreboard.ts';

describe('the scoreboard', () => {
  let directory: string;
  let layout: ScoreboardLayout;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'scoreboard-'));
    layout = { path: join(directory, 'scoreboard'), slots: 6 };
    createScoreboard(layout);
  });
  after(() => rmSync(directory, { recursive: true }));

  test('begins with its layout and is closed to others', () => {
    const bytes = readFileSync(layout.path);
    assert.equal(bytes.toString('latin1', 0, 4), 'TSUS');
    assert.deepEqual([bytes.readUInt32LE(4), bytes.readUInt32LE(8), bytes.readUInt32LE(12)], [3, 6, 0]);
    assert.equal(bytes.length, 128 + 6 * (256 + 2560));
    assert.equal(statSync(layout.path).mode & 0o777, 0o600);
  });

  test('adds up what all slots have completed', () => {
    writeSlot(layout, 0, { requests: 2 });
    writeSlot(layout, 5, { requests: 40 });
    const reader = new ScoreboardReader(layout);
    const before = reader.completed;
    const after = reader.refresh().completed;
    reader.close();
    assert.deepEqual([before, after], [0, 42]);
  });

  test('shows the slots of a worker as they were written', () => {
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
    const [first, second] = reader.refresh().slots({ seat: 2, threads: 2 });
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
      `record = Scoreboard(${JSON.stringify(layout.path)}).record(5)`,
      'record.begin(9, 5_000_000, b"GET /from/python")',
      'record.limit(700)',
    ];
    execFileSync('/usr/bin/python3', ['-c', script.join('\n')]);
    const writer = new ScoreboardWriter(layout);
    writer.noteUsed(6);
    writer.close();
    const reader = new ScoreboardReader(layout);
    const [record] = reader.refresh().slots({ seat: 5, threads: 1 });
    const last = reader.lastRequest(5);
    reader.close();
    assert.deepEqual([record?.state, record?.startedAtUs, record?.request], ['busy', 5_000_000, 'GET /from/python']);
    assert.deepEqual([record?.requestId, record?.deadlineMs], [9, 700]);
    assert.deepEqual(last, { requestId: 9, deadlineMs: 700 });
  });

  test('forgets what a place ran and keeps what it counted', () => {
    const left = { path: join(directory, 'left'), slots: 3 };
    createScoreboard(left);
    for (const slot of [0, 1, 2]) writeSlot(left, slot, { state: 2, requestId: 7, requests: 4 });
    const writer = new ScoreboardWriter(left);
    writer.empty({ seat: 1, threads: 2 });
    writer.close();
    const reader = new ScoreboardReader(left);
    const slots = reader.refresh().slots({ seat: 0, threads: 3 });
    reader.close();
    assert.deepEqual(
      slots.map(({ state, requestId, requests }) => [state, requestId, requests]),
      [
        ['busy', 7, 4],
        ['empty', 7, 4],
        ['empty', 7, 4],
      ],
    );
  });

  test('takes in what is used and no more', () => {
    const small = { path: join(directory, 'small'), slots: 100 };
    createScoreboard(small);
    const reader = new ScoreboardReader(small);
    const place = { seat: 1, threads: 2 };
    assert.deepEqual(
      reader
        .refresh()
        .slots(place)
        .map(({ state }) => state),
      ['empty', 'empty'],
    );
    writeSlot(small, 2, { requests: 3 });
    const [, second] = reader.refresh().slots(place);
    reader.close();
    assert.equal(second?.requests, 3);
  });
});

for (const { request, method, uri } of [
  { request: 'GET /a b?c', method: 'GET', uri: '/a b?c' },
  { request: 'LONG', method: 'LONG', uri: '' },
  { request: '', method: '', uri: '' },
]) {
  test(`the request ${JSON.stringify(request)} is ${method} of ${JSON.stringify(uri)}`, () => {
    assert.deepEqual(methodAndUri(request), { method, uri });
  });
}
