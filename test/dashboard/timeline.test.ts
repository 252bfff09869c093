import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Timeline } from '../../dashboard/timeline.ts';
import type { Moment } from '../../src/core/stats/moment.ts';

const NOTHING: Moment = {
  at: 0,
  requests: 0,
  errors: 0,
  p50: null,
  p90: null,
  p99: null,
  busy: 0,
  slots: 1,
  queue: 0,
  memory: 0,
};

function moment(at: number, changes: Partial<Moment> = {}): Moment {
  return { ...NOTHING, at, ...changes };
}

function timelineOf(...moments: Moment[]): Timeline {
  const timeline = new Timeline();
  for (const one of moments) timeline.push(one);
  return timeline;
}

describe('the timeline', () => {
  test('keeps ten minutes', () => {
    const timeline = timelineOf(...Array.from({ length: 700 }, (_, second) => moment(second)));
    assert.equal(timeline.readings.length, 600);
    assert.deepEqual([timeline.readings[0]?.at, timeline.readings.at(-1)?.at], [100, 699]);
  });

  test('turns counters into rates', () => {
    const timeline = timelineOf(moment(10, { requests: 100, errors: 2 }), moment(12, { requests: 150, errors: 3 }));
    assert.deepEqual(
      timeline.readings.map(({ requests, errors }) => ({ requests, errors })),
      [
        { requests: null, errors: null },
        { requests: 25, errors: 0.5 },
      ],
    );
  });

  test('draws no line over a hole, nor from one server to the next', () => {
    const timeline = timelineOf(moment(0, { requests: 1000 }), moment(1, { requests: 5 }), moment(40, { requests: 500 }));
    assert.deepEqual(
      timeline.readings.map(({ requests }) => requests),
      [null, null, null],
    );
  });

  test('tells the rate of the last seconds', () => {
    const timeline = timelineOf(...[0, 10, 20, 80].map((requests, second) => moment(second, { requests })));
    assert.equal(timeline.rate('requests', 1), 60);
    assert.equal(timeline.rate('requests', 2), 35);
    assert.equal(timeline.rate('requests', 60), 80 / 3);
    assert.equal(timelineOf(moment(1)).rate('requests', 5), null);
    assert.equal(new Timeline().rate('errors', 5), null);
  });

  test('takes what the master has kept where it has nothing, on its own clock', () => {
    const timeline = timelineOf(moment(1000), moment(1001), moment(1100));
    // The server's clock is 50 seconds behind.
    const kept = [300, 900, 948, 953, 1000, 1047].map((at) => moment(at, { requests: at }));
    timeline.fill({ now: 1050, moments: kept }, 1100);
    assert.deepEqual(
      timeline.readings.map(({ at }) => at),
      [950, 1000, 1001, 1050, 1100],
    );
  });
});
