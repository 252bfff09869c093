import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emperorStats } from '../../../src/core/emperor/statistics.ts';
import { YOUNG_MS } from '../../../src/core/emperor/throttle.ts';

const NOW = 1_700_000_100_000;
const FILE = {
  path: '/v/a.ini',
  id: 'a.ini',
  directory: '/v',
  monitor: 'v',
  version: '1',
  modifiedAt: 1_700_000_000,
  owner: { uid: 7, gid: 8 },
};
const TIMES = { born: NOW - 60_000, firstRun: NOW - 60_000, lastRun: NOW - 60_000, ready: NOW - 50_000, loyal: 0, heartbeat: 0, cursed: 0 };
const VASSAL = { file: FILE, state: 'serving', pid: 12, times: TIMES, throttle: { deaths: 0, pauseMs: 0 }, respawns: 3 } as const;

const statsOf = (vassals: Parameters<typeof emperorStats>[0]['vassals'], isTyrant = false) =>
  emperorStats({ version: '1', monitors: ['v'], isTyrant, vassals, now: NOW });

test('tells of a vassal that serves', () => {
  const { vassals, blacklist, throttle_level } = statsOf([VASSAL]);
  assert.deepEqual(vassals, [
    {
      id: 'a.ini',
      pid: 12,
      born: 1_700_000_040,
      last_mod: 1_700_000_000,
      last_heartbeat: 0,
      loyal: 1,
      ready: 1,
      accepting: 1,
      last_loyal: (NOW - 50_000 + YOUNG_MS) / 1000,
      last_ready: 1_700_000_050,
      last_accepting: 1_700_000_050,
      first_run: 1_700_000_040,
      last_run: 1_700_000_040,
      cursed: 0,
      zerg: 0,
      on_demand: '',
      uid: process.getuid?.(),
      gid: process.getgid?.(),
      monitor: 'v',
      respawns: 3,
    },
  ]);
  assert.deepEqual([blacklist, throttle_level], [[], 0]);
});

test('one that has only begun to serve is not loyal, unless it says so', () => {
  const times = { ...TIMES, ready: NOW - 1 };
  assert.equal(statsOf([{ ...VASSAL, times }]).vassals[0]?.loyal, 0);
  assert.equal(statsOf([{ ...VASSAL, times: { ...times, loyal: NOW } }]).vassals[0]?.loyal, 1);
});

test('one that dies young is on the black list', () => {
  const dying = { ...VASSAL, state: 'waiting', pid: 0, throttle: { deaths: 3, pauseMs: 4000 } } as const;
  const { vassals, blacklist, throttle_level } = statsOf([VASSAL, dying]);
  assert.deepEqual([vassals[1]?.ready, vassals[1]?.pid, throttle_level], [0, 0, 4000]);
  assert.deepEqual(blacklist, [
    { id: 'a.ini', throttle_level: 4000, attempt: 3, first_attempt: 1_700_000_040, last_attempt: 1_700_000_040 },
  ]);
});

test('under a tyrant a vassal is the owner of its file', () => {
  const { vassals, emperor_tyrant } = statsOf([VASSAL], true);
  assert.deepEqual([vassals[0]?.uid, vassals[0]?.gid, emperor_tyrant], [7, 8, 1]);
});
