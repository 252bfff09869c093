import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type Distributions, SIZE_BOUNDS, TIME_BOUNDS } from '../../../src/core/stats/distributions.ts';
import { createScoreboard, ScoreboardReader } from '../../../src/core/stats/scoreboard.ts';
import { type CountedRequest, countRequests } from '../../helpers/scoreboard.ts';

/** What a reader sees in slots 1 and 2 of what the Python runtime counted. */
function counted(t: TestContext, requests: readonly CountedRequest[]): Distributions {
  const directory = mkdtempSync(join(tmpdir(), 'distributions-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const layout = { path: join(directory, 'scoreboard'), slots: 4 };
  createScoreboard(layout);
  countRequests(layout, requests);
  const reader = new ScoreboardReader(layout);
  const distributions = reader.distributions({ seat: 1, threads: 2 });
  reader.close();
  return distributions;
}

const only = (numbers: Float64Array): Record<number, number> => Object.fromEntries([...numbers.entries()].filter(([, count]) => count > 0));

test('requests are counted by method and class of status, over the slots of a worker', (t) => {
  const seen = counted(t, [
    {},
    { slot: 2 },
    { slot: 3 },
    { method: 'POST', status: 503 },
    { method: 'BREW', status: 418 },
    { method: 'OPTIONS', status: 999 },
    { status: 0 },
  ]);
  assert.equal(seen.responses('GET', '2xx'), 2);
  assert.equal(seen.responses('POST', '5xx'), 1);
  assert.equal(seen.responses('other', '4xx'), 1);
  assert.equal(seen.responses('OPTIONS', 'other'), 1);
  // Nothing was answered: that is an error of the server's.
  assert.equal(seen.responses('GET', '5xx'), 1);
});

test('a time is in the class between its bounds', (t) => {
  const spent = [0, 63, 64, 79, 80, 100, 127, 128, 1_000_000, 2 ** 29, 2 ** 40];
  const classes = spent
    .map((us) => TIME_BOUNDS.findIndex((bound) => us < bound))
    .map((index) => (index === -1 ? TIME_BOUNDS.length : index));
  const wanted: Record<number, number> = {};
  for (const index of classes) wanted[index] = (wanted[index] ?? 0) + 1;
  assert.deepEqual(
    only(
      counted(
        t,
        spent.map((spentUs) => ({ spentUs })),
      ).times,
    ),
    wanted,
  );
});

test('a size is in the first class that has room for it', (t) => {
  const sizes = [0, 1, 2, 4, 5, 16, 17, 4 ** 14, 4 ** 14 + 1, 2 ** 40];
  const wanted: Record<number, number> = {};
  for (const size of sizes) {
    const index = SIZE_BOUNDS.findIndex((bound) => size <= bound);
    const place = index === -1 ? SIZE_BOUNDS.length : index;
    wanted[place] = (wanted[place] ?? 0) + 1;
  }
  const seen = counted(
    t,
    sizes.map((size) => ({ sent: size, declared: String(size) })),
  );
  assert.deepEqual([only(seen.responseSizes), only(seen.requestSizes)], [wanted, wanted]);
  const sum = sizes.reduce((before, size) => before + size, 0);
  assert.deepEqual([seen.requestBytes, seen.responseBytes], [sum, sum]);
});

test('a size that is none counts as none', (t) => {
  const seen = counted(t, [{ declared: '' }, { declared: 'many' }, { declared: '9'.repeat(5000) }, {}]);
  assert.deepEqual([only(seen.requestSizes), seen.requestBytes], [{ 0: 4 }, 0]);
});

test('each application has its own', (t) => {
  const seen = counted(t, [{ app: 3 }, { app: 3, hasFailed: true }, { app: -1 }, { app: 64 }]);
  assert.deepEqual(
    [seen.application(3), seen.application(0)],
    [
      { requests: 2, exceptions: 1 },
      { requests: 0, exceptions: 0 },
    ],
  );
});

test('they are added and taken away', (t) => {
  const seen = counted(t, [{ spentUs: 10 }]);
  assert.equal(seen.plus(seen).responses('GET', '2xx'), 2);
  assert.deepEqual(only(seen.plus(seen).minus(seen).times), { 0: 1 });
});
