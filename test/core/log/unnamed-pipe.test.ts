import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { shareUnnamedPipe } from '../../../src/core/log/unnamed-pipe.ts';
import { onEnd, type Scope } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';

/** Node makes no pipes itself. */
async function unnamedPipe(scope: Scope): Promise<number> {
  const program = 'import os, sys; print(os.pipe()[1], flush=True); sys.stdin.read()';
  const child = spawn('/usr/bin/python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  onEnd(scope, () => void child.stdin.end());
  const [number] = (await once(child.stdout, 'data')) as [Buffer];
  return openSync(`/proc/${String(child.pid)}/fd/${number.toString().trim()}`, constants.O_WRONLY);
}

function modeAfterwards(scope: Scope, fd: number): number {
  onEnd(scope, () => {
    closeSync(fd);
  });
  shareUnnamedPipe(fd);
  return fstatSync(fd).mode & 0o777;
}

test('a pipe without a name can be opened anew by all who have it', async (t) => {
  assert.equal(modeAfterwards(t, await unnamedPipe(t)), 0o622);
});

test('what has a name stays as it is', (t) => {
  const path = join(tempDir(t), 'pipe');
  execFileSync('mkfifo', ['-m', '600', path]);
  assert.equal(modeAfterwards(t, openSync(path, constants.O_RDWR)), 0o600);
});
