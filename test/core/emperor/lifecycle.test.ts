import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advance, type Effect, type Event, type State } from '../../../src/core/emperor/lifecycle.ts';

/** Where a vassal ends after these events, and all that it asked for on the way. */
function live(...events: Event[]) {
  let state: State = 'waiting';
  const effects = events.flatMap((event): readonly Effect[] => {
    const step = advance(state, event);
    state = step.to;
    return step.effects;
  });
  return { state, effects };
}

test('a vassal that serves is told to reload when its file changes', () => {
  assert.deepEqual(live('retry', 'ready', 'changed'), { state: 'serving', effects: ['start', 'order-reload'] });
});

test('one that is still starting begins again with the new file', () => {
  assert.deepEqual(live('retry', 'changed', 'exit'), {
    state: 'starting',
    effects: ['start', 'forgive', 'order-stop-now', 'start-deadline', 'start'],
  });
});

test('one that died waits, and a change of its file ends the waiting', () => {
  assert.deepEqual(live('retry', 'exit'), { state: 'waiting', effects: ['start', 'wait'] });
  assert.deepEqual(live('retry', 'exit', 'changed'), { state: 'starting', effects: ['start', 'wait', 'forgive', 'start'] });
  assert.deepEqual(live('retry', 'ready', 'exit', 'retry').state, 'starting');
});

test('one whose file is gone finishes within a bound, wherever it was', () => {
  for (const before of [[], ['ready']] as const) {
    assert.deepEqual(live('retry', ...before, 'removed', 'deadline', 'exit'), {
      state: 'gone',
      effects: ['start', 'order-stop', 'start-deadline', 'kill'],
    });
  }
  assert.equal(live('retry', 'exit', 'removed').state, 'gone');
  assert.equal(live('retry', 'changed', 'removed', 'exit').state, 'gone');
});

test('one whose file comes back while it stops is started again', () => {
  assert.deepEqual(live('retry', 'ready', 'removed', 'appeared', 'exit').state, 'starting');
});

test('one whose file belongs to somebody else is another vassal', () => {
  assert.deepEqual(live('retry', 'ready', 'handed-over', 'exit'), {
    state: 'starting',
    effects: ['start', 'order-stop', 'start-deadline', 'start'],
  });
});

test('one that hangs is killed and started again', () => {
  assert.deepEqual(live('retry', 'ready', 'hang', 'exit'), { state: 'starting', effects: ['start', 'kill', 'start'] });
});

test('stopping at once overtakes stopping', () => {
  assert.deepEqual(live('retry', 'ready', 'removed', 'stop-now').effects.slice(-2), ['order-stop-now', 'start-deadline']);
});

test('what is gone stays so, and late events change nothing', () => {
  for (const event of ['ready', 'changed', 'appeared', 'exit', 'retry', 'deadline'] as const) {
    assert.deepEqual(advance('gone', event), { to: 'gone', effects: [] });
  }
  assert.deepEqual(advance('stopping', 'ready'), { to: 'stopping', effects: [] });
  assert.deepEqual(advance('serving', 'retry'), { to: 'serving', effects: [] });
});
