import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HistoryKeeper } from '../../../src/core/stats/history.ts';
import { fakeClock } from '../../helpers/clock.ts';
import { NO_OWN_STATS } from '../../helpers/own-stats.ts';
import { statsDocument } from '../../helpers/stats-document.ts';

function keeper() {
  const clock = fakeClock();
  let asked = 0;
  const statistics = () => statsDocument([], { responses: { ...NO_OWN_STATS.responses, '2xx': ++asked } });
  const history = new HistoryKeeper({ statistics, now: () => clock.now() / 1000, after: clock.after });
  return { clock, history };
}

test('a moment is kept every five seconds, for ten minutes', () => {
  const { clock, history } = keeper();
  history.start();
  assert.equal(history.history.moments.length, 0);
  for (let nth = 0; nth < 150; nth++) clock.advance(5000);
  const { now, moments } = history.history;
  assert.deepEqual([now, moments.length], [750, 120]);
  assert.deepEqual([moments[0]?.at, moments[0]?.requests, moments.at(-1)?.at], [155, 31, 750]);
});

test('what was kept stays when nobody keeps on', () => {
  const { clock, history } = keeper();
  history.start();
  clock.advance(5000);
  history.stop();
  clock.advance(5000);
  assert.equal(history.history.moments.length, 1);
  history.start();
  clock.advance(5000);
  assert.equal(history.history.moments.length, 2);
});
