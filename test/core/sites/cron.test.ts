import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CronTime, isDue } from '../../../src/core/sites/cron.ts';

/** Saturday, 21 November 2026, 03:10, in the time of this machine. */
const NOW = new Date(2026, 10, 21, 3, 10);
const ALWAYS: CronTime = { minute: -1, hour: -1, day: -1, month: -1, weekday: -1 };

for (const { what, time, due } of [
  { what: 'always', time: {}, due: true },
  { what: 'this minute', time: { minute: 10, hour: 3 }, due: true },
  { what: 'another minute', time: { minute: 11 }, due: false },
  { what: 'each fifth minute', time: { minute: -5 }, due: true },
  { what: 'each fourth minute', time: { minute: -4 }, due: false },
  { what: 'this month', time: { month: 11 }, due: true },
  { what: 'another month', time: { month: 10 }, due: false },
  { what: 'Saturday', time: { weekday: 6 }, due: true },
  { what: 'Sunday', time: { weekday: 0 }, due: false },
  { what: 'the 21st', time: { day: 21 }, due: true },
  { what: 'the 20th or Saturday', time: { day: 20, weekday: 6 }, due: true },
  { what: 'the 20th or Sunday', time: { day: 20, weekday: 0 }, due: false },
]) {
  test(`${what} is ${due ? '' : 'not '}now`, () => {
    assert.equal(isDue({ ...ALWAYS, ...time }, NOW), due);
  });
}
