import assert from 'node:assert/strict';
import test from 'node:test';
import type { SlotRecord } from '../../../src/core/stats/scoreboard.ts';
import { overdue } from '../../../src/core/workers/harakiri.ts';

const LIMIT_US = 2_000_000;
const NOW_US = 10_000_000;

const slot = (state: SlotRecord['state'], startedAtUs: number): SlotRecord => ({
  state,
  startedAtUs,
  requestId: 0,
  requests: 0,
  exceptions: 0,
  bytesSent: 0,
  runningTimeUs: 0,
  writeErrors: 0,
  readErrors: 0,
  averageResponseTimeUs: 0,
  request: 'GET /',
});

test('only a request that runs longer than the limit is overdue', () => {
  const slots = [slot('busy', NOW_US - LIMIT_US), slot('busy', NOW_US - LIMIT_US - 1), slot('busy', NOW_US - 5)];
  assert.deepEqual(
    overdue(slots, NOW_US, LIMIT_US).map(({ core }) => core),
    [1],
  );
});

test('an idle slot is never overdue, however old its last request is', () => {
  assert.deepEqual(overdue([slot('idle', 0), slot('empty', 0)], NOW_US, LIMIT_US), []);
});
