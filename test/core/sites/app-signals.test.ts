import assert from 'node:assert/strict';
import { mock, test, type TestContext } from 'node:test';
import { AppSignals } from '../../../src/core/sites/app-signals.ts';
import type { Log } from '../../../src/core/log/log.ts';
import type { Pool } from '../../../src/core/workers/pool.ts';

interface Case {
  readonly signals: AppSignals;
  /** "worker number" for each signal that was sent. */
  readonly sent: string[];
  readonly lines: string[];
}

/** Two workers that serve, and one that does not yet; the clock is the test's. */
function setUp(t: TestContext, ids: readonly [number, number, number] = [1, 2, 3]): Case {
  mock.timers.enable({ apis: ['setInterval', 'Date'], now: new Date(2026, 10, 21, 3, 10, 30) });
  const sent: string[] = [];
  const lines: string[] = [];
  const worker = (rank: 1 | 2 | 3, state: string): unknown => ({
    id: ids[rank - 1],
    rank,
    state,
    channel: { send: ({ number }: { number: number }) => void sent.push(`${ids[rank - 1]} ${number}`) },
  });
  const pool = { workers: [worker(1, 'serving'), worker(2, 'serving'), worker(3, 'starting')] } as unknown as Pool;
  const signals = new AppSignals({ pool, log: { event: (line: string) => void lines.push(line) } as unknown as Log });
  t.after(() => {
    signals.stop();
    mock.timers.reset();
  });
  return { signals, sent, lines };
}

const register = (number: number, target: string) => ({ type: 'register', number, target }) as const;
const timer = (number: number, seconds: number, iterations = 0) =>
  ({ type: 'alarm', number, alarm: { kind: 'timer', seconds, iterations } }) as const;

test('a signal runs in any worker by turns, in all, or in the one that was named', (t) => {
  const { signals, sent, lines } = setUp(t);
  signals.learn(1, [register(1, ''), register(2, 'workers'), register(3, 'worker2'), register(4, 'worker7')]);
  signals.follow(1);
  for (const number of [1, 1, 2, 3, 4, 5]) signals.raise(number);
  assert.deepEqual(sent, ['1 1', '2 1', '1 2', '2 2', '2 3']);
  assert.deepEqual(lines, ['signal 5: nobody has registered it']);
});

test('a worker that is named by its number is the one with that id, or the one of that place among those of its application', (t) => {
  const { signals, sent } = setUp(t, [4, 2, 6]);
  signals.learn(1, [register(1, 'worker1'), register(2, 'worker2'), register(4, 'worker4')]);
  signals.follow(1);
  for (const number of [1, 2, 4]) signals.raise(number);
  assert.deepEqual(sent, ['4 1', '2 2', '4 4']);
});

test('a timer raises its signal again and again, or so many times', (t) => {
  const { signals, sent } = setUp(t);
  signals.learn(1, [register(1, 'worker1'), register(2, 'worker1'), timer(1, 2), timer(2, 1, 2)]);
  signals.follow(1);
  for (let second = 0; second < 4; second++) mock.timers.tick(1000);
  assert.deepEqual(sent.toSorted(), ['1 1', '1 1', '1 2', '1 2']);
});

test('what several workers say of one generation counts once', (t) => {
  const { signals, sent } = setUp(t);
  signals.follow(1);
  for (let nth = 0; nth < 3; nth++) signals.learn(1, [register(1, 'worker1'), timer(1, 1)]);
  mock.timers.tick(1000);
  assert.deepEqual(sent, ['1 1']);
});

test('the code that serves decides: a reload ends the timers of the old, and a sleeping server has none', (t) => {
  const { signals, sent } = setUp(t);
  signals.learn(1, [register(1, 'worker1'), timer(1, 1)]);
  signals.follow(1);
  signals.learn(2, [register(2, 'worker1'), timer(2, 1)]);
  mock.timers.tick(1000);
  signals.follow(2);
  mock.timers.tick(1000);
  signals.follow(undefined);
  mock.timers.tick(5000);
  assert.deepEqual(sent, ['1 1', '1 2']);
});

test('a cron is raised once in its minute, also across a reload', (t) => {
  const { signals, sent } = setUp(t);
  const cron = { type: 'alarm', number: 1, alarm: { kind: 'cron', minute: -1, hour: -1, day: -1, month: -1, weekday: -1 } } as const;
  signals.learn(1, [register(1, 'worker1'), cron]);
  signals.follow(1);
  mock.timers.tick(10_000);
  assert.equal(sent.length, 1);
  signals.learn(2, [register(1, 'worker1'), cron]);
  signals.follow(2);
  mock.timers.tick(10_000);
  assert.equal(sent.length, 1, 'the same minute');
  mock.timers.tick(60_000);
  assert.equal(sent.length, 2);
});
