import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { findServer, serverOfPidFile } from '../../../src/core/operate/find-server.ts';
import { makeRuntimeDirectory } from '../../../src/core/util/runtime-directory.ts';
import { onEnd } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';

/** This process, looking like a server. */
function pretend(t: TestContext): string {
  const directory = makeRuntimeDirectory();
  onEnd(t, () => directory.remove());
  const controlSocket = join(directory.path, 'control.sock');
  writeFileSync(controlSocket, '');
  return controlSocket;
}

function pidFile(t: TestContext, text: string): string {
  return join(tempDir(t, { 'app.pid': text }), 'app.pid');
}

/** The pid of a process that has ended. */
function endedPid(): number {
  return spawnSync('true').pid;
}

test('a server is found by its pid and by its pid file', (t) => {
  const controlSocket = pretend(t);
  assert.deepEqual(findServer(String(process.pid)), { pid: process.pid, controlSocket });
  assert.deepEqual(findServer(pidFile(t, `${process.pid}\n`)), { pid: process.pid, controlSocket });
});

describe('a pid file is refused', () => {
  for (const { title, content, expected } of [
    { title: 'that is empty', content: '', expected: /the file is empty$/ },
    { title: 'that is empty but for a newline', content: '\n', expected: /the file is empty$/ },
    { title: 'with something else in it', content: 'nginx', expected: /there is no pid in this file$/ },
    { title: 'with 0, our own process group', content: '0\n', expected: /0 is no pid of a server$/ },
    { title: "with 1, the system's first process", content: '1\n', expected: /1 is no pid of a server$/ },
    { title: 'with a negative number, a process group', content: '-12\n', expected: /there is no pid in this file$/ },
  ]) {
    test(title, (t) => {
      assert.throws(() => serverOfPidFile(pidFile(t, content)), { code: 'TSU_PID_FILE', message: expected });
    });
  }

  test('that is a folder', (t) => {
    assert.throws(() => serverOfPidFile(tempDir(t)), { code: 'TSU_PID_FILE', message: /: this is a folder$/ });
  });

  test('that is not there', (t) => {
    assert.throws(() => serverOfPidFile(join(tempDir(t), 'app.pid')), { code: 'TSU_PID_FILE', message: /there is no such file$/ });
  });
});

test('a pid file that an ended server left gives 255, as in uWSGI', (t) => {
  assert.throws(() => serverOfPidFile(pidFile(t, String(endedPid()))), { code: 'TSU_SERVER_GONE', exitStatus: 255 });
});

test('a process that is no server of ours is left alone', () => {
  assert.throws(() => findServer(String(process.pid)), { code: 'TSU_NOT_A_SERVER' });
});
