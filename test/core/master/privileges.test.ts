import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { childIdentity, SAME_USER } from '../../../src/core/master/privileges.ts';
import { launch } from '../../helpers/child.ts';
import { eventually } from '../../helpers/eventually.ts';
import { NOT_ROOT } from '../../helpers/requirements.ts';
import { tempDir } from '../../helpers/temp.ts';

const NOBODY = 65534;
const AS_NOBODY = { uid: NOBODY, gid: NOBODY, moreGroups: [4, 24], initGroups: true };

/** Becomes the command whose words follow. */
const ENV = '/usr/bin/env';
const run = (words: readonly string[]): string => execFileSync(ENV, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

describe('the children of a root that stays root', { skip: NOT_ROOT }, () => {
  test('become that user with all groups, and we stay who we are', () => {
    const before = process.getgroups?.();
    const { prefix } = childIdentity(AS_NOBODY);
    assert.equal(run([...prefix, 'id', '-u']), `${String(NOBODY)}\n`);
    const groups = run([...prefix, 'id', '-G'])
      .trim()
      .split(' ')
      .map(Number);
    assert.deepEqual(
      groups.sort((a, b) => a - b),
      [4, 24, NOBODY],
    );
    assert.deepEqual([process.getuid?.(), process.getgroups?.()], [0, before]);
  });

  test('get what is shared with them, and reach it', (t) => {
    const folder = join(tempDir(t), 'ours');
    mkdirSync(folder, { mode: 0o700 });
    const file = join(folder, 'theirs');
    writeFileSync(file, 'x');
    const { admit, share, prefix } = childIdentity(AS_NOBODY);
    admit(folder);
    share(file);
    const { uid, gid, mode } = statSync(file);
    assert.deepEqual([uid, gid, mode & 0o777], [NOBODY, NOBODY, 0o600]);
    assert.equal(run([...prefix, 'cat', file]), 'x');
    assert.throws(() => run([...prefix, 'ls', folder]));
  });

  test('are known by their user', async (t) => {
    const { owns, prefix } = childIdentity(AS_NOBODY);
    const { pid } = launch(t, { command: ENV, words: [...prefix, 'sleep', '60'], cwd: '/', stopSignal: 'SIGKILL', stopStatus: 'any' });
    await eventually('it is theirs', () => owns(pid));
    assert.deepEqual([owns(process.pid), owns(2 ** 22)], [false, false]);
  });

  test('are as we are where no other user is named', () => {
    assert.equal(childIdentity({ uid: undefined, gid: undefined, moreGroups: [], initGroups: true }), SAME_USER);
  });
});
