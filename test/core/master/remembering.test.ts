import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { remembered, rememberReport, rememberSlow } from '../../../src/core/master/remembering.ts';
import { Journal } from '../../../src/core/stats/journal.ts';
import { UNUSED } from '../../../src/core/stats/scoreboard.ts';
import { Worker } from '../../../src/core/workers/worker.ts';

const worker = new Worker({ id: 3, rank: 1, seat: 0, threads: 2, generation: 1, bornAt: 0 });
const NAMED = { core: 1, application: '/shop', method: 'GET', uri: '/shop/x?y' };

test('events are remembered and logged, lines only logged', () => {
  const lines: string[] = [];
  const journal = new Journal();
  const log = remembered({ line: (text) => lines.push(text), event: (text) => lines.push(`event: ${text}`) }, journal);
  log.line('ready: 2 workers');
  log.event('reloaded');
  assert.deepEqual(lines, ['ready: 2 workers', 'event: reloaded']);
  assert.deepEqual(
    journal.recent.events.map(({ text }) => text),
    ['reloaded'],
  );
  assert.ok(Math.abs((journal.recent.events[0]?.at ?? 0) - Date.now() / 1000) < 5);
});

test('an exception is remembered with the worker that told it', () => {
  const journal = new Journal();
  const report = { type: 'exception', ...NAMED, at: 12.5, error: 'ValueError: x', traceback: 'Traceback …', untold: 2 } as const;
  rememberReport(journal, worker, report);
  const { errors, untold } = journal.recent;
  assert.deepEqual(errors, [{ ...NAMED, at: 12.5, worker: 3, error: 'ValueError: x', traceback: 'Traceback …' }]);
  assert.equal(untold, 2);
});

describe('a slow request', () => {
  const record = { ...UNUSED, state: 'busy', startedAtUs: 5_000_000, request: 'GET /shop/x with a blank' } as const;
  const found = (): Journal => {
    const journal = new Journal();
    rememberSlow(journal, { worker, core: 1, record, nowUs: 6_234_400 }, '/shop');
    return journal;
  };

  test('is remembered as the scoreboard has it', () => {
    const [request] = found().recent.slow;
    assert.ok(Math.abs((request?.at ?? 0) - Date.now() / 1000) < 5);
    const { at, ...rest } = request ?? { at: 0 };
    assert.ok(at > 0);
    const expected = { worker: 3, core: 1, application: '/shop', method: 'GET', uri: '/shop/x with a blank', ranMs: 1234, stack: '' };
    assert.deepEqual(rest, expected);
  });

  test('gets what its worker tells of it', () => {
    const journal = found();
    rememberReport(journal, worker, { type: 'shown', ...NAMED, startedAt: 5_000_000, stack: '  File "app.py"' });
    const [request] = journal.recent.slow;
    assert.deepEqual([request?.uri, request?.stack, request?.ranMs], ['/shop/x?y', '  File "app.py"', 1234]);
  });
});
