import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timePieces } from '../../../bench/micro/stopwatch.ts';

/** A clock that moves when a piece runs, and what has run. */
function fakeTime() {
  let now = 0;
  const ran: string[] = [];
  const piece = (name: string, milliseconds: number) => ({
    name,
    run: () => {
      now += milliseconds;
      if (ran.at(-1) !== name) ran.push(name);
    },
  });
  return { clock: () => now, piece, ran };
}

test('a figure is the nanoseconds of one operation', async () => {
  const { clock, piece } = fakeTime();
  const pieces = [piece('fast', 0.25), { ...piece('of four', 2), operations: 4 }];
  assert.deepEqual(await timePieces(pieces, { rounds: 2, seconds: 0.1 }, clock), [
    { name: 'fast', figures: [250_000, 250_000] },
    { name: 'of four', figures: [500_000, 500_000] },
  ]);
});

test('pieces take turns, round after round', async () => {
  const { clock, piece, ran } = fakeTime();
  await timePieces([piece('one', 1), piece('two', 1)], { rounds: 2, seconds: 0.01 }, clock);
  assert.deepEqual(ran, ['one', 'two', 'one', 'two', 'one', 'two']);
});

test('a figure takes about as long as it was told to, and a piece that is slower runs once for it', async () => {
  for (const { milliseconds, toFindOut, forTheFigure } of [
    { milliseconds: 0.5, toFindOut: 255, forTheFigure: 200 },
    { milliseconds: 300, toFindOut: 1, forTheFigure: 1 },
  ]) {
    let now = 0;
    await timePieces([{ name: 'this', run: () => void (now += milliseconds) }], { rounds: 1, seconds: 0.1 }, () => now);
    assert.equal(now / milliseconds, toFindOut + forTheFigure);
  }
});

test('what is promised is waited for', async () => {
  let now = 0;
  const run = () => Promise.resolve().then(() => void (now += 5));
  assert.deepEqual(await timePieces([{ name: 'later', run }], { rounds: 1, seconds: 0.1 }, () => now), [
    { name: 'later', figures: [5_000_000] },
  ]);
});
