import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type SlotRecord, UNUSED } from '../../../src/core/stats/scoreboard.ts';
import { type Action, judge, note, untouched } from '../../../src/core/workers/request-watch.ts';

const START_US = 5_000_000;

const record = (more: Partial<SlotRecord> = {}): SlotRecord => ({
  ...UNUSED,
  state: 'busy',
  startedAtUs: START_US,
  request: 'GET /',
  ...more,
});

/** What is done about one request at these moments, in milliseconds since its start. */
function watch(limits: { harakiriMs: number; slowMs: number }, moments: readonly number[], slot: SlotRecord = record()): readonly Action[] {
  let dealt = untouched(slot);
  return moments.map((ms) => {
    const nowUs = START_US + ms * 1000;
    const action = judge(slot, dealt, { ...limits, nowUs });
    dealt = note(dealt, action, nowUs);
    return action;
  });
}

describe('harakiri', () => {
  const limits = { harakiriMs: 2000, slowMs: 0 };

  test('comes after the limit and not with it', () => {
    assert.deepEqual(watch(limits, [1999, 2000, 2001]), ['leave', 'leave', 'interrupt']);
  });

  test('interrupts the request, insists, and after a second kills the worker', () => {
    assert.deepEqual(watch(limits, [2100, 2300, 3100, 3101]), ['interrupt', 'insist', 'insist', 'condemn']);
  });

  test('leaves a slot alone that runs nothing, however long ago its last request was', () => {
    for (const state of ['idle', 'empty'] as const) assert.deepEqual(watch(limits, [9000], record({ state })), ['leave']);
  });

  test('of 0 means never', () => {
    assert.deepEqual(watch({ harakiriMs: 0, slowMs: 0 }, [1e9]), ['leave']);
  });

  test('gives way to the deadline of the request itself, shorter or longer', () => {
    assert.deepEqual(watch(limits, [500, 501], record({ deadlineMs: 500 })), ['leave', 'interrupt']);
    assert.deepEqual(watch(limits, [2500, 9001], record({ deadlineMs: 9000 })), ['leave', 'interrupt']);
    assert.deepEqual(watch({ harakiriMs: 0, slowMs: 0 }, [501], record({ deadlineMs: 500 })), ['interrupt']);
  });
});

describe('a request that was interrupted', () => {
  test('and given more time is interrupted again before its worker is killed', () => {
    const moments = [501, 600, 2000, 4001, 4200, 5100];
    let dealt = untouched(record());
    const actions = moments.map((ms) => {
      const slot = record({ deadlineMs: ms < 600 ? 500 : 4000 });
      const nowUs = START_US + ms * 1000;
      const action = judge(slot, dealt, { harakiriMs: 0, slowMs: 0, nowUs });
      dealt = note(dealt, action, nowUs);
      return action;
    });
    assert.deepEqual(actions, ['interrupt', 'leave', 'leave', 'interrupt', 'insist', 'condemn']);
  });
});

describe('slow-request', () => {
  test('shows a request once, before harakiri or without it', () => {
    assert.deepEqual(watch({ harakiriMs: 0, slowMs: 1000 }, [1000, 1001, 5000]), ['leave', 'show', 'leave']);
    assert.deepEqual(watch({ harakiriMs: 2000, slowMs: 1000 }, [1001, 1500, 2001]), ['show', 'leave', 'interrupt']);
  });

  test('says nothing about one that is ended anyway', () => {
    assert.deepEqual(watch({ harakiriMs: 2000, slowMs: 2000 }, [2001, 2100]), ['interrupt', 'insist']);
  });
});
