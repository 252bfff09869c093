import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Systemd } from '../../../src/core/master/systemd.ts';

beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }));
afterEach(() => mock.timers.reset());

/** A systemd that only notes what it hears. */
function follow({ watchdogMs }: { watchdogMs?: number } = {}) {
  const heard: string[] = [];
  const around = { status: '1 worker', probes: [] as (() => void)[] };
  const systemd = new Systemd({
    socket: { send: (assignments) => heard.push(assignments.join(' ')), close: () => heard.push('closed') },
    watchdogMs,
    status: () => around.status,
    probe: () => new Promise((resolve) => around.probes.push(resolve)),
  });
  return { systemd, heard, around };
}

describe('the status', () => {
  test('is told when it has changed, and not before the server is ready', () => {
    const { systemd, heard, around } = follow();
    mock.timers.tick(60_000);
    assert.deepEqual(heard.splice(0), ['STATUS=loading the application']);
    systemd.ready();
    assert.deepEqual(heard.splice(0), [`READY=1 MAINPID=${process.pid} STATUS=1 worker`]);
    mock.timers.tick(60_000);
    assert.deepEqual(heard, []);
    around.status = '2 workers';
    mock.timers.tick(60_000);
    assert.deepEqual(heard.splice(0), ['STATUS=2 workers']);
    systemd.close();
    around.status = '3 workers';
    mock.timers.tick(60_000);
    assert.deepEqual(heard, ['closed']);
  });

  test('is told once each time, however often the server became ready', () => {
    const { systemd, heard, around } = follow();
    systemd.ready();
    systemd.reloading();
    systemd.ready();
    heard.splice(0);
    around.status = '2 workers';
    mock.timers.tick(5000);
    assert.deepEqual(heard, ['STATUS=2 workers']);
  });
});

describe('the watchdog', () => {
  const signs = (heard: readonly string[]) => heard.filter((text) => text === 'WATCHDOG=1').length;

  test('hears twice in its interval, from the start on, where all answer', async () => {
    const { heard, around } = follow({ watchdogMs: 1000 });
    for (let nth = 0; nth < 4; nth++) {
      mock.timers.tick(500);
      around.probes.shift()?.();
      await turn();
    }
    assert.equal(signs(heard), 4);
  });

  test('hears nothing without an answer, and once when all that was asked is answered late', async () => {
    const { heard, around } = follow({ watchdogMs: 1000 });
    mock.timers.tick(5000);
    await turn();
    assert.equal(signs(heard), 0);
    for (const answer of around.probes) answer();
    await turn();
    assert.equal(signs(heard), 1);
  });

  test('that nobody asked for hears nothing', () => {
    const { around } = follow();
    mock.timers.tick(60_000);
    assert.deepEqual(around.probes, []);
  });
});
