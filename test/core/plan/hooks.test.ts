import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type HookStep, planHooks } from '../../../src/core/plan/hooks.ts';
import { optionsOf } from '../../helpers/plan.ts';

const hooksOf = (...words: string[]) => planHooks(optionsOf(words));
const shown = (steps: readonly Pick<HookStep, 'option' | 'text'>[]) => steps.map(({ option, text }) => `${option} = ${text}`);

describe('the plan of the hooks', () => {
  test('has the hooks of a moment before its commands, each in the order given', () => {
    const { master } = hooksOf('--exec-asap', 'first', '--hook-asap', 'mkdir:a', '--exec-asap', 'second', '--hook-asap', 'mkdir:b');
    assert.deepEqual(shown(master.asap), ['hook-asap = mkdir:a', 'hook-asap = mkdir:b', 'exec-asap = first', 'exec-asap = second']);
  });

  test('leaves to Python what happens in the spawner and in the workers', () => {
    const { python, master } = hooksOf('--exec-pre-app', 'migrate', '--hook-accepting1-once', 'print:up');
    assert.deepEqual(shown(python['pre-app']), ['exec-pre-app = migrate']);
    assert.deepEqual(shown(python['accepting1-once']), ['hook-accepting1-once = print:up']);
    assert.deepEqual(Object.values(master).flat(), []);
  });

  test('tells what signals do apart from what is done', () => {
    const { master, signals } = hooksOf(
      '--hook-master-start',
      'unix_signal:15 gracefully_kill_them_all',
      '--hook-master-start',
      'print:up',
    );
    assert.deepEqual(signals, { SIGTERM: 'stop-gracefully' });
    assert.deepEqual(shown(master['master-start']), ['hook-master-start = print:up']);
  });

  test('knows every touched file with its step', () => {
    const { touched } = hooksOf('--touch-exec', '/t echo a', '--hook-touch', '/t unlink:f');
    assert.deepEqual(
      touched.map(({ path, step }) => `${path} ${shown([step])[0]}`),
      ['/t hook-touch = unlink:f', '/t touch-exec = echo a'],
    );
  });
});
