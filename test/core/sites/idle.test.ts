import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Quiet } from '../../../src/core/sites/idle.ts';

const LIMIT_MS = 3000;

/** What is told at each look, one a second, from the first second on. */
function looks(...activities: readonly { completed?: number; isBusy?: boolean }[]): readonly boolean[] {
  const quiet = new Quiet(LIMIT_MS, 0);
  return activities.map(({ completed = 0, isBusy = false }, at) => quiet.look({ completed, isBusy }, (at + 1) * 1000));
}

describe('it is quiet', () => {
  test('when nothing has happened since the start for as long as the limit', () => {
    assert.deepEqual(looks({}, {}, {}), [false, false, true]);
  });

  test('so long after the last look that saw a request end', () => {
    assert.deepEqual(looks({}, { completed: 7 }, { completed: 7 }, { completed: 7 }, { completed: 7 }), [false, false, false, false, true]);
  });

  test('so long after the last look at which something ran', () => {
    assert.deepEqual(looks({ isBusy: true }, { isBusy: true }, {}, {}, {}), [false, false, false, false, true]);
  });

  test('again after as long, when nothing came of it', () => {
    assert.deepEqual(looks({}, {}, {}, {}, {}, {}), [false, false, true, false, false, true]);
  });
});
