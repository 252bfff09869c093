import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Journal } from '../../../src/core/stats/journal.ts';

const WHICH = { at: 1, worker: 1, core: 0, application: '', method: 'GET' };
const failed = (uri: string) => ({ ...WHICH, uri, error: 'ValueError: x', traceback: 'Traceback …' });
const slow = (uri: string) => ({ ...WHICH, uri, ranMs: 1200, stack: '' });
const mark = (more: Partial<Record<'worker' | 'core' | 'startedAtUs', number>> = {}) => ({ worker: 1, core: 0, startedAtUs: 7, ...more });

describe('the journal', () => {
  test('is empty at first', () => {
    assert.deepEqual(new Journal().recent, { errors: [], slow: [], events: [], untold: 0 });
  });

  test('tells the newest first and forgets the oldest, of each kind for itself', () => {
    const journal = new Journal();
    for (let nth = 1; nth <= 130; nth++) {
      journal.fail(failed(`/${nth}`), 0);
      journal.find(mark({ startedAtUs: nth }), slow(`/${nth}`));
      journal.note(nth, `event ${nth}`);
    }
    const { errors, slow: found, events } = journal.recent;
    assert.deepEqual([errors.length, found.length, events.length], [50, 50, 100]);
    assert.deepEqual([errors[0]?.uri, errors[49]?.uri], ['/130', '/81']);
    assert.deepEqual([found[0]?.uri, found[49]?.uri], ['/130', '/81']);
    assert.deepEqual(
      [events[0], events[99]],
      [
        { at: 130, text: 'event 130' },
        { at: 31, text: 'event 31' },
      ],
    );
  });

  test('counts the errors of which it was not told', () => {
    const journal = new Journal();
    journal.fail(failed('/'), 3);
    journal.fail(failed('/'), 4);
    assert.equal(journal.recent.untold, 7);
  });
});

describe('a slow request', () => {
  const explanation = { application: '/shop', method: 'POST', uri: '/a/long/one', stack: '  File "app.py", line 1\n' };

  test('has a stack when its worker has told it', () => {
    const journal = new Journal();
    journal.find(mark(), slow('/a/lo'));
    assert.deepEqual(journal.recent.slow, [slow('/a/lo')]);
    journal.explain(mark(), explanation);
    assert.deepEqual(journal.recent.slow, [{ ...slow(''), ...explanation }]);
  });

  for (const [what, other] of [
    ['worker', { worker: 2 }],
    ['core', { core: 1 }],
    ['start', { startedAtUs: 8 }],
  ] as const) {
    test(`is not mistaken for one of another ${what}`, () => {
      const journal = new Journal();
      journal.find(mark(), slow('/'));
      journal.explain(mark(other), explanation);
      assert.deepEqual(journal.recent.slow, [slow('/')]);
    });
  }

  test('that runs into harakiri later is there twice, each time with where it was then', () => {
    const journal = new Journal();
    for (const stack of ['first', 'second']) {
      journal.find(mark(), slow('/'));
      journal.explain(mark(), { ...explanation, stack });
    }
    assert.deepEqual(
      journal.recent.slow.map(({ stack }) => stack),
      ['second', 'first'],
    );
  });
});
