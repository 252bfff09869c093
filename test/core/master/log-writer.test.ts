import assert from 'node:assert/strict';
import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { LogFile } from '../../../src/core/log/log-file.ts';
import type { LogStream, LogWriterSettings } from '../../../src/core/log/writer-settings.ts';
import { LogWriter } from '../../../src/core/master/log-writer.ts';
import { eventually } from '../../helpers/eventually.ts';
import { PYTHON, ROOT } from '../../helpers/paths.ts';
import { tempDir } from '../../helpers/temp.ts';

const DATES = { form: undefined, onEveryLine: false };

const PIDS = 'pids';

/** @param shell what a shell does with the command in place of running it */
function make(t: TestContext, shell = 'exec "$0" "$@"') {
  const directory = tempDir(t);
  const path = (name: string): string => join(directory, name);
  const logFile = new LogFile({ truncate: false, mode: undefined, backupName: undefined, dates: DATES });
  logFile.open(path('output'));
  const told: string[] = [];
  logFile.onReopened = (pipe) => told.push(pipe);
  const command = ['/bin/sh', '-c', `cd ${directory}; ${shell}`, PYTHON, '-I', '-S', join(ROOT, 'python/tsuwsgi/logwriter')];
  const writer = new LogWriter({ command, directory, share: () => undefined, logFile });
  t.after(async () => {
    await writer.close();
    closeSync(logFile.output);
  });
  const follow = async (settings: LogWriterSettings | undefined): Promise<void> => (await writer.prepare(planOf(settings))).commit();
  return { path, logFile, writer, told, follow, read: (name: string) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : '') };
}

function planOf(writer: LogWriterSettings | undefined) {
  return { log: { writer } } as Parameters<LogWriter['prepare']>[0];
}

function toFile(path: string): LogStream {
  const sink = { kind: 'file', path, mode: null, maxBytes: 0, backupName: null } as const;
  return { loggers: [{ written: `file:${path}`, name: null, sink }], routes: [], encoders: [], drain: [], filter: [] };
}

const NO_LOGGERS: LogStream = { loggers: [], routes: [], encoders: [], drain: [], filter: [] };

describe('the log writer', () => {
  test('is not started where nobody needs it', async (t) => {
    const { path, logFile, writer, follow, read } = make(t);
    await follow(undefined);
    logFile.log.line('one');
    writer.logRequests('GET /left');
    assert.deepEqual([existsSync(path('log')), read('output'), writer.files], [false, 'one\nGET /left\n', logFile]);
  });

  test('takes what everybody writes, this process included, and writes the last line before it ends', async (t) => {
    const { path, logFile, writer, told, follow, read } = make(t);
    await follow({ log: toFile(path('a')), requests: null });
    assert.deepEqual(told, [path('log')]);
    logFile.log.line('one');
    writeSync(logFile.fd, 'of a child\n');
    await writer.close();
    logFile.log.line('after it');
    assert.deepEqual([read('a'), read('output')], ['one\nof a child\n', 'after it\n']);
  });

  test('leaves the rest of the log alone where only requests go elsewhere', async (t) => {
    const { path, logFile, writer, told, follow, read } = make(t);
    await follow({ log: NO_LOGGERS, requests: toFile(path('a')) });
    logFile.log.line('one');
    const pipe = openSync(path('request-log'), 'a');
    writeSync(pipe, 'GET /\n');
    closeSync(pipe);
    writer.logRequests('GET /left\nGET /behind');
    await writer.close();
    assert.deepEqual([read('a'), read('output'), told], ['GET /\nGET /left\nGET /behind\n', 'one\n', []]);
  });

  test('that takes nothing costs lines about requests, which are counted', async (t) => {
    const { path, logFile, writer, follow, read } = make(t, `echo $$ >> ${PIDS}; exec "$0" "$@"`);
    await follow({ log: NO_LOGGERS, requests: toFile(path('a')) });
    const pid = Number(read(PIDS));
    process.kill(pid, 'SIGSTOP');
    const pipe = openSync(path('request-log'), constants.O_WRONLY | constants.O_NONBLOCK);
    assert.throws(
      () => {
        for (;;) writeSync(pipe, `${'x'.repeat(4095)}\n`);
      },
      { code: 'EAGAIN' },
    );
    closeSync(pipe);
    writer.logRequests('GET /left\nGET /behind');
    process.kill(pid, 'SIGCONT');
    await writer.close();
    assert.deepEqual([logFile.dropped, read('a').includes('GET')], [2, false]);
  });

  test('goes on as it was when the next loggers cannot be used or are not wanted after all', async (t) => {
    const { path, logFile, writer, follow, read } = make(t);
    await follow({ log: toFile(path('a')), requests: null });
    await assert.rejects(writer.prepare(planOf({ log: toFile('/nowhere/log'), requests: null })), {
      code: 'TSU_LOGGER',
      message: 'the logger "file:/nowhere/log" cannot be used: No such file or directory',
    });
    await (await writer.prepare(planOf({ log: toFile(path('b')), requests: null }))).undo();
    logFile.log.line('one');
    await writer.close();
    assert.deepEqual([read('a'), read('b')], ['one\n', '']);
  });

  test('that dies between the preparation of its next loggers and their use goes on with those', async (t) => {
    const { path, logFile, writer, follow, read } = make(t, `echo $$ >> ${PIDS}; exec "$0" "$@"`);
    const pids = (): readonly string[] => read(PIDS).split('\n').slice(0, -1);
    await follow({ log: toFile(path('a')), requests: null });
    const change = await writer.prepare(planOf({ log: toFile(path('b')), requests: null }));
    process.kill(Number(pids()[0]), 'SIGKILL');
    await eventually('another one', () => pids().length === 2);
    await change.commit();
    logFile.log.line('one');
    await writer.close();
    assert.deepEqual([read('a').includes('one'), read('b').endsWith('one\n')], [false, true]);
  });

  test('writes to the output of the server when there is no logger any more, wherever that is by then', async (t) => {
    const { path, logFile, writer, told, follow, read } = make(t);
    await follow({ log: toFile(path('a')), requests: null });
    await follow(undefined);
    logFile.rotate();
    logFile.log.line('one');
    await writer.close();
    assert.match(read('output'), /the log was rotated: .*\none\n$/);
    assert.equal(told.length, 1, 'the pipe is still the same');
  });

  test('cannot be started with a Python that is none', async (t) => {
    const { path, logFile } = make(t);
    const writer = new LogWriter({ command: [path('no-python')], directory: path('.'), share: () => undefined, logFile });
    await assert.rejects(writer.prepare(planOf({ log: NO_LOGGERS, requests: toFile(path('a')) })), { code: 'TSU_LOGGER' });
  });
});
