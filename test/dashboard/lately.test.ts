import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastMinute } from '../../dashboard/lately.ts';
import { NO_OWN_STATS } from '../helpers/own-stats.ts';
import { statsDocument, workerStats } from '../helpers/stats-document.ts';

test('what was counted in the last minute is news, and what was before is not', () => {
  const lastMinute = new LastMinute();
  const see = (at: number, count: number, pid = 1): number => {
    const responses = { ...NO_OWN_STATS.responses, '5xx': count };
    lastMinute.push(statsDocument([workerStats([], { harakiri_count: count })], { pid, responses }), at);
    assert.equal(lastMinute.errors, lastMinute.harakiris);
    return lastMinute.harakiris;
  };
  assert.deepEqual([see(0, 5), see(10, 7), see(65, 8), see(75, 8), see(130, 8)], [0, 2, 1, 0, 0]);
  assert.deepEqual([see(131, 0, 2), see(132, 1, 2)], [0, 1], 'another server counts from zero');
  assert.equal(lastMinute.deaths, 0);
});
