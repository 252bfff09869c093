import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { LogWriterSettings } from '../../../src/core/log/writer-settings.ts';
import { LogWriterProcess } from '../../../src/core/master/log-writer-process.ts';
import type { After } from '../../../src/core/util/timer.ts';

const SETTINGS: LogWriterSettings = { log: { loggers: [], routes: [], encoders: [], drain: [], filter: [] }, requests: null };

/** A log writer that is a shell script, and the time that it may take. */
function start(t: TestContext, script: string) {
  const waiting = new Set<() => void>();
  const after: After = (_, action) => {
    waiting.add(action);
    return { cancel: () => waiting.delete(action) };
  };
  const started: string[] = [];
  const process = new LogWriterProcess({
    command: ['/bin/sh', '-c', script],
    output: () => 2,
    started: () => started.push('again'),
    died: (how) => started.push(how),
    after,
  });
  t.after(() => process.end());
  const passTime = (): void => {
    for (const action of waiting) action();
  };
  return { process, passTime, started };
}

test('an answer that does not come in time is not waited for, and is not taken for that to the next question', async (t) => {
  const late = String.raw`echo '{"type":"failed","logger":null,"reason":"late"}
{"type":"prepared"}' >&3`;
  const { process, passTime } = start(t, `read first; read second; ${late}; read finish`);
  const first = process.prepare(SETTINGS);
  passTime();
  assert.equal(await first, undefined);
  assert.deepEqual(await process.prepare(SETTINGS), { type: 'prepared' });
});

test('one that has just died is asked when another one is there', async (t) => {
  const { process, started } = start(t, `read first; echo '{"type":"prepared"}' >&3; exit 3`);
  assert.deepEqual(await process.prepare(SETTINGS), { type: 'prepared' });
  while (started.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(await process.prepare(SETTINGS), { type: 'prepared' });
  assert.deepEqual(started, ['status 3', 'again']);
});
