import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judge, type Lately } from '../../dashboard/health.ts';
import type { StatsDocument } from '../../src/core/stats/document.ts';
import { statsDocument, workerStats } from '../helpers/stats-document.ts';

const QUIET: Lately = { requests: 100, errors: 0, failed: 0, harakiris: 0, deaths: 0 };
const NOW = 10_000;
const IDLE = workerStats([undefined, undefined]);

function socket(queue: number, ageMs: number): StatsDocument['sockets'][number] {
  return { name: ':80', proto: 'http', queue, max_queue: 100, shared: 0, can_offload: 0, queue_limit: 100, queue_age_ms: ageMs };
}

describe('a server is judged', () => {
  test('well, when it serves, nobody waits and nothing fails', () => {
    assert.deepEqual(judge(statsDocument([IDLE]), QUIET, NOW), { level: 'well', state: 'serving', findings: [] });
  });

  const CASES: readonly { what: string; document: StatsDocument; lately?: Partial<Lately>; level: string; text: RegExp }[] = [
    { what: 'the state that it tells', document: statsDocument([IDLE], { state: 'draining' }), level: 'bad', text: /is draining/ },
    {
      what: 'a pause',
      document: statsDocument([workerStats([undefined], { status: 'pause' })], { state: 'paused' }),
      level: 'bad',
      text: /is paused/,
    },
    { what: 'no worker', document: statsDocument([workerStats([], { pid: 0 })]), level: 'watch', text: /No worker runs/ },
    {
      what: 'no worker that accepts',
      document: statsDocument([workerStats([undefined], { accepting: 0 })]),
      level: 'bad',
      text: /takes requests/,
    },
    {
      what: 'some errors',
      document: statsDocument([IDLE]),
      lately: { errors: 0.5 },
      level: 'watch',
      text: /0\.5 errors a second: fewer than 1 %/,
    },
    {
      what: 'errors a while ago',
      document: statsDocument([IDLE]),
      lately: { failed: 3 },
      level: 'watch',
      text: /3 errors in the last minute/,
    },
    { what: 'many errors', document: statsDocument([IDLE]), lately: { errors: 5 }, level: 'bad', text: /5\.0 errors a second: 5 %/ },
    {
      what: 'a queue that grows old',
      document: statsDocument([IDLE], { sockets: [socket(3, 700)] }),
      level: 'watch',
      text: /3 requests wait, the oldest for 700 ms/,
    },
    {
      what: 'a queue that is old',
      document: statsDocument([IDLE], { sockets: [socket(1, 5000)] }),
      level: 'bad',
      text: /1 request waits, the oldest for 5\.00 s/,
    },
    {
      what: 'a queue that is almost full',
      document: statsDocument([IDLE], { sockets: [socket(0, 0), socket(80, 10)] }),
      level: 'bad',
      text: /80 requests/,
    },
    { what: 'no free slot', document: statsDocument([workerStats([1, 2])]), level: 'watch', text: /All 2 slots are busy/ },
    { what: 'harakiri', document: statsDocument([IDLE]), lately: { harakiris: 2 }, level: 'watch', text: /2 requests ended by harakiri/ },
    { what: 'deaths', document: statsDocument([IDLE]), lately: { deaths: 1 }, level: 'watch', text: /1 worker died/ },
    {
      what: 'a reload that failed',
      document: statsDocument([IDLE], {
        reloads: { done: 0, failed: 1, last: { at: NOW - 60, ok: false, seconds: 1, error: 'no module x' } },
      }),
      level: 'watch',
      text: /1 min ago failed.*no module x/,
    },
    { what: 'lost log lines', document: statsDocument([IDLE], { log: { dropped: 3 } }), level: 'watch', text: /3 log lines dropped/ },
  ];
  for (const { what, document, lately, level, text } of CASES) {
    test(`by ${what}`, () => {
      const health = judge(document, { ...QUIET, ...lately }, NOW);
      assert.deepEqual([health.level, health.findings.length], [level, 1], JSON.stringify(health));
      assert.match(health.findings[0]?.text ?? '', text);
    });
  }

  test('by the worst that is found, which is told first', () => {
    const { level, findings } = judge(statsDocument([workerStats([1])]), { ...QUIET, errors: 100 }, NOW);
    assert.equal(level, 'bad');
    assert.deepEqual(
      findings.map((finding) => finding.level),
      ['bad', 'watch'],
    );
  });

  test('well with a short queue, and with a failed reload that is long ago', () => {
    const document = statsDocument([IDLE], {
      sockets: [socket(2, 20)],
      reloads: { done: 1, failed: 1, last: { at: NOW - 4000, ok: false, seconds: 1, error: 'x' } },
    });
    assert.equal(judge(document, QUIET, NOW).level, 'well');
  });
});
