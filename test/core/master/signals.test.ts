import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Signals } from '../../../src/core/master/signals.ts';
import { onEnd } from '../../helpers/scope.ts';

test('a signal is the action that was named last', (t) => {
  const asked: string[] = [];
  const signals = new Signals((action, signal) => asked.push(`${signal}: ${action}`));
  onEnd(t, () => signals.stop());
  signals.follow({ SIGUSR2: 'log-stats' });
  signals.follow({ SIGUSR2: 'log-stacks' });
  process.emit('SIGUSR2', 'SIGUSR2');
  assert.deepEqual(asked, ['SIGUSR2: log-stacks']);
});

test('no signal is without a listener while its meaning changes', (t) => {
  const signals = new Signals(() => undefined);
  onEnd(t, () => signals.stop());
  signals.follow({ SIGUSR2: 'log-stats' });
  const left: number[] = [];
  const count = (): void => {
    left.push(process.listenerCount('SIGUSR2'));
  };
  process.on('removeListener', count);
  signals.follow({ SIGUSR2: 'log-stacks' });
  process.off('removeListener', count);
  assert.deepEqual(left, [1]);
});

test('in the end nobody listens', () => {
  const signals = new Signals(() => undefined);
  signals.follow({ SIGUSR2: 'log-stats', SIGWINCH: 'reload' });
  signals.stop();
  assert.deepEqual([process.listenerCount('SIGUSR2'), process.listenerCount('SIGWINCH')], [0, 0]);
});
