import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Signals } from '../../../src/core/master/signals.ts';
import { onEnd } from '../../helpers/scope.ts';

// Not SIGUSR2, at which the test runner of Node 24 writes a report.
test('a signal is the action that was named last', (t) => {
  const asked: string[] = [];
  const signals = new Signals((action, signal) => asked.push(`${signal}: ${action}`));
  onEnd(t, () => signals.stop());
  signals.follow({ SIGHUP: 'log-stats' });
  signals.follow({ SIGHUP: 'log-stacks' });
  process.emit('SIGHUP', 'SIGHUP');
  assert.deepEqual(asked, ['SIGHUP: log-stacks']);
});

test('no signal is without a listener while its meaning changes', (t) => {
  const signals = new Signals(() => undefined);
  onEnd(t, () => signals.stop());
  signals.follow({ SIGHUP: 'log-stats' });
  const left: number[] = [];
  const count = (): void => {
    left.push(process.listenerCount('SIGHUP'));
  };
  process.on('removeListener', count);
  signals.follow({ SIGHUP: 'log-stacks' });
  process.off('removeListener', count);
  assert.deepEqual(left, [1]);
});

test('in the end nobody listens', () => {
  const signals = new Signals(() => undefined);
  signals.follow({ SIGHUP: 'log-stats', SIGWINCH: 'reload' });
  signals.stop();
  assert.deepEqual([process.listenerCount('SIGHUP'), process.listenerCount('SIGWINCH')], [0, 0]);
});
