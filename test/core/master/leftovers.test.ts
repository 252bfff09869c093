import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { removeLeftovers } from '../../../src/core/master/leftovers.ts';
import { makeRuntimeDirectory } from '../../../src/core/util/runtime-directory.ts';
import { PYTHON } from '../../helpers/paths.ts';
import { onEnd } from '../../helpers/scope.ts';

const PARENT = (() => {
  const directory = makeRuntimeDirectory();
  directory.remove();
  return dirname(directory.path);
})();

/** A directory whose server does not run, as far as pids tell. */
function leftBehind(t: TestContext): string {
  const path = mkdtempSync(join(PARENT, `tsuwsgi-${String(process.pid)}-1-`));
  onEnd(t, () => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The file of a socket on which nobody listens any more. */
function desert(path: string): void {
  execFileSync(PYTHON, ['-c', 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])', path]);
}

test('what killed servers left is removed, also of those that were killed before they listened', async (t) => {
  const [deserted, unfinished, beginning] = [leftBehind(t), leftBehind(t), leftBehind(t)];
  desert(join(deserted, 'control.sock'));
  const longAgo = Date.now() / 1000 - 3600;
  utimesSync(unfinished, longAgo, longAgo);
  await removeLeftovers();
  assert.deepEqual([deserted, unfinished, beginning].map(existsSync), [false, false, true]);
});

test('what a server answers in stays, whatever its pid says here, and so does our own', async (t) => {
  const ofAContainer = leftBehind(t);
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(join(ofAContainer, 'control.sock'), resolve));
  onEnd(t, () => new Promise((resolve) => server.close(() => resolve())));
  const own = makeRuntimeDirectory();
  onEnd(t, () => own.remove());
  desert(join(own.path, 'control.sock'));
  await removeLeftovers();
  assert.deepEqual([ofAContainer, own.path].map(existsSync), [true, true]);
});
