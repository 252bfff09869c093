import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ScalingPlan } from '../../../src/core/plan/plan.ts';
import { decideBy, type Load } from '../../../src/core/workers/scaling.ts';

const BUSYNESS = { max: 50, min: 25, multiplier: 3, backlogAlert: 33, backlogStep: 4 };

/** What is decided second by second; a load is "busy/workers" or "busy/workers+queued". */
function decisions(plan: Partial<ScalingPlan>, ...loads: string[]): number[] {
  const decide = decideBy({ least: 1, initial: 1, most: 9, algorithm: 'spare', step: 2, overload: 3, busyness: BUSYNESS, ...plan });
  return loads.map((load) => decide(parse(load)));
}

function parse(text: string): Load {
  const [, busy = '', workers = '', queued = '0'] = /^([\d.]+)\/(\d+)(?:\+(\d+))?$/.exec(text) ?? [];
  return { busy: Number(busy), workers: Number(workers), queued: Number(queued) };
}

describe('spare', () => {
  test('adds workers when all have been busy for as long as overload says', () => {
    assert.deepEqual(decisions({}, '2/2', '2/2', '2/2', '2/2', '2/2', '2/2'), [0, 0, 2, 0, 0, 2]);
  });

  test('takes a queue for a sign of it', () => {
    assert.deepEqual(decisions({ overload: 2 }, '0/2+1', '1/2+5'), [0, 2]);
  });

  test('a quiet second starts the count anew', () => {
    assert.deepEqual(decisions({}, '2/2', '2/2', '1/2', '2/2', '2/2', '2/2'), [0, 0, 0, 0, 0, 2]);
  });

  test('takes one away while more than one is idle for as long', () => {
    assert.deepEqual(decisions({}, '1/4', '1/4', '1/4', '1/3', '1/3', '1/3'), [0, 0, -1, 0, 0, -1]);
  });

  test('keeps one to spare', () => {
    assert.deepEqual(decisions({}, '1/2', '1/2', '1/2', '1/2'), [0, 0, 0, 0]);
  });
});

describe('backlog', () => {
  test('adds workers at once when more requests wait than overload says', () => {
    assert.deepEqual(decisions({ algorithm: 'backlog' }, '2/2+3', '2/2+4'), [0, 2]);
  });

  test('takes one away when none waits and one is idle for a while', () => {
    assert.deepEqual(decisions({ algorithm: 'backlog' }, '1/2', '1/2', '1/2', '2/2', '2/2', '2/2'), [0, 0, -1, 0, 0, 0]);
  });
});

describe('busyness', () => {
  test('adds workers when they were busier than max over the window', () => {
    assert.deepEqual(decisions({ algorithm: 'busyness' }, '2/2', '0/2', '1.5/2'), [0, 0, 2]);
  });

  test('between min and max nothing changes', () => {
    assert.deepEqual(decisions({ algorithm: 'busyness', overload: 1 }, '0.8/2', '0.6/2', '1/2'), [0, 0, 0]);
  });

  test('takes one away after several quiet windows in a row', () => {
    assert.deepEqual(decisions({ algorithm: 'busyness', overload: 1 }, '0/2', '0/2', '1/2', '0/2', '0/2', '0/2'), [0, 0, 0, 0, 0, -1]);
  });

  test('an alert about the queue adds workers at once', () => {
    assert.deepEqual(decisions({ algorithm: 'busyness' }, '0/2+34'), [4]);
  });
});

test('manual leaves it to the operator', () => {
  assert.deepEqual(decisions({ algorithm: 'manual', overload: 1 }, '2/2+99', '0/9'), [0, 0]);
});
