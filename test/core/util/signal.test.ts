import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test, type TestContext } from 'node:test';
import { sendSignal } from '../../../src/core/util/signal.ts';

describe('a signal', () => {
  test('reaches a process', async (t) => {
    const { child, pid, gone } = sleeper(t);
    sendSignal(pid, 'SIGTERM');
    await gone;
    assert.equal(child.signalCode, 'SIGTERM');
  });

  test('reaches a group by its leader', async (t) => {
    const { child, pid, gone } = sleeper(t);
    sendSignal(-pid, 'SIGINT');
    await gone;
    assert.equal(child.signalCode, 'SIGINT');
  });

  test('may come too late', async (t) => {
    const { pid, gone } = sleeper(t);
    sendSignal(pid, 'SIGKILL');
    await gone;
    assert.doesNotThrow(() => sendSignal(pid, 'SIGKILL'));
    assert.doesNotThrow(() => sendSignal(-pid, 'SIGKILL'));
  });
});

/** A process that leads a group of its own. */
function sleeper(t: TestContext): { child: ChildProcess; pid: number; gone: Promise<unknown> } {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  assert.ok(child.pid !== undefined, 'it runs');
  return { child, pid: child.pid, gone: once(child, 'exit') };
}
