import assert from 'node:assert/strict';
import test from 'node:test';
import { advance, type Effect, type Event, type State } from '../../../src/core/workers/lifecycle.ts';

const STATES: readonly State[] = ['starting', 'waiting', 'serving', 'draining', 'stopping', 'killed', 'gone'];

/** Where a worker ends after these events, and all that it asked for on the way. */
function live(...events: Event[]) {
  let state: State = 'starting';
  const effects = events.flatMap((event): readonly Effect[] => {
    const step = advance(state, event);
    state = step.to;
    return step.effects;
  });
  return { state, effects };
}

test('a worker serves only when it is told to', () => {
  assert.equal(live('ready').state, 'waiting');
  assert.deepEqual(live('ready', 'serve'), { state: 'serving', effects: ['send-serve'] });
});

test('a retired worker finishes its requests within a deadline', () => {
  const { state, effects } = live('ready', 'serve', 'retire');
  assert.equal(state, 'draining');
  assert.deepEqual(effects, ['send-serve', 'send-retire', 'start-deadline']);
});

test('a worker that does not drain in time is killed', () => {
  assert.equal(live('ready', 'serve', 'retire', 'deadline').effects.at(-1), 'send-kill');
});

test('a worker that never served has nothing to drain', () => {
  assert.equal(live('retire').state, 'stopping');
  assert.equal(live('ready', 'retire').state, 'stopping');
});

test('stopping at once overtakes draining', () => {
  assert.equal(live('ready', 'serve', 'retire', 'stop').state, 'stopping');
});

for (const state of ['serving', 'draining', 'stopping'] as const) {
  test(`a worker that hangs while ${state} is killed`, () => {
    assert.deepEqual(advance(state, 'hang'), { to: 'killed', effects: ['send-kill'] });
  });
}

for (const state of STATES) {
  test(`a worker that is ${state} can exit`, () => {
    assert.equal(advance(state, 'exit').to, 'gone');
  });
}

test('a late event changes nothing', () => {
  assert.deepEqual(advance('gone', 'deadline'), { to: 'gone', effects: [] });
  assert.deepEqual(advance('killed', 'retire'), { to: 'killed', effects: [] });
});
