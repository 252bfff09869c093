import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dispatcherPieces } from '../../../bench/micro/dispatcher.ts';
import { protocolPieces } from '../../../bench/micro/protocols.ts';
import { type Timing, timePieces } from '../../../bench/micro/stopwatch.ts';
import { wirePieces } from '../../../bench/micro/wire.ts';
import { timeWorkerPieces } from '../../../bench/micro/worker.ts';

/** Once, and hardly that: what it takes does not matter here. */
const BRIEFLY = { rounds: 1, seconds: 0.0001 };

/** Nobody runs the benches each day, and what they call may change. */
function assertTimed(timings: readonly Timing[]): void {
  for (const { name, figures } of timings) assert.ok(figures.length === 1 && figures.every(Number.isFinite), name);
}

test('every piece of the gateway can be timed', async () => {
  const pieces = [...protocolPieces(), ...wirePieces(), ...dispatcherPieces()];
  const timings = await timePieces(pieces, BRIEFLY);
  assert.equal(timings.length, pieces.length);
  assertTimed(timings);
});

test('every piece of a worker can be timed', () => {
  const timings = timeWorkerPieces({ ...BRIEFLY, only: [] });
  assert.ok(timings.length > 10);
  assertTimed(timings);
});

test('only the wanted pieces of a worker are', () => {
  const names = timeWorkerPieces({ ...BRIEFLY, only: ['frame', 'RESPONSE'] }).map(({ name }) => name);
  assert.deepEqual(names, ['a RESPONSE frame: made']);
});
