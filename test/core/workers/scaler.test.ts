import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScalingPlan } from '../../../src/core/plan/plan.ts';
import { Scaler } from '../../../src/core/workers/scaler.ts';
import { Worker } from '../../../src/core/workers/worker.ts';

const PLAN: ScalingPlan = {
  ...{ least: 1, initial: 1, most: 3, algorithm: 'spare', step: 5, overload: 1 },
  busyness: { max: 50, min: 25, multiplier: 1, backlogAlert: 33, backlogStep: 1 },
};

/** A scaler over a pool of workers that all serve, of which the first `busy` run a request. */
function makeScaler(workers: number, wanted = workers) {
  const lines: string[] = [];
  const load = { workers, busy: 0 };
  const pool = {
    wanted,
    get workers() {
      return Array.from({ length: load.workers }, (_, at) => {
        const worker = new Worker({ id: at + 1, rank: at + 1, seat: at, threads: 1, generation: 1, bornAt: 0 });
        worker.state = 'serving';
        return worker;
      });
    },
    scale: (count: number) => (load.workers = pool.wanted = count),
  };
  const scoreboard = { refresh: () => scoreboard, slots: ({ seat }: Worker) => [{ state: seat < load.busy ? 'busy' : 'idle' }] };
  const log = { line: () => undefined, event: (text: string) => lines.push(text) };
  const scaler = new Scaler(PLAN, { pool, scoreboard: scoreboard as never, queueLength: () => 0, log });
  // The test looks by itself.
  scaler.stop();
  const second = (busy: number): number => {
    load.busy = busy;
    for (let look = 0; look < 4; look++) scaler.look();
    return pool.wanted;
  };
  return { second, lines };
}

test('grows to the most there may be, and says so', () => {
  const { second, lines } = makeScaler(1);
  assert.equal(second(1), 3);
  assert.deepEqual(lines, ['cheaper: 3 instead of 1 workers, of which 1.0 were busy']);
});

test('decides nothing while no worker is there', () => {
  const { second } = makeScaler(0, 1);
  assert.deepEqual([second(0), second(0)], [1, 1]);
});

test('shrinks to the fewest, one at a time', () => {
  const { second } = makeScaler(3);
  assert.deepEqual([second(0), second(0), second(0)], [2, 1, 1]);
});

test('does not take back what the operator asked for beyond the bounds, under load', () => {
  const { second } = makeScaler(5);
  assert.equal(second(5), 5);
});
