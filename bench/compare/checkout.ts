import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../test/helpers/paths.ts';
import { NODE } from '../../test/helpers/server.ts';

/** The whole name of the commit that this word stands for; undefined where it stands for none. */
export function commitOf(revision: string): string | undefined {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * A commit in a folder of its own, built, beside the work tree: the command that is its server. The folder goes when this process ends.
 *
 * @throws Error when it cannot be built
 */
export function checkOut(commit: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tsu-compare-'));
  process.once('exit', () => remove(folder));
  // Servers that give up root run it as well.
  chmodSync(folder, 0o755);
  run('git', ['worktree', 'add', '--quiet', '--detach', folder, commit], ROOT);
  if (hasSamePackages(commit)) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  else run('npm', ['ci', '--no-audit', '--no-fund'], folder);
  run('npm', ['run', '--silent', 'build'], folder);
  return [NODE, join(folder, 'bin/run.js')];
}

/** Whether it wants the packages that the work tree has. */
function hasSamePackages(commit: string): boolean {
  return spawnSync('git', ['diff', '--quiet', commit, '--', 'package-lock.json'], { cwd: ROOT }).status === 0;
}

function run(program: string, words: readonly string[], folder: string): void {
  const { status, error } = spawnSync(program, words, { cwd: folder, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} failed in ${folder}`, { cause: error });
}

function remove(folder: string): void {
  // Also tells git that it is gone; fails where it had not become a work tree yet.
  spawnSync('git', ['worktree', 'remove', '--force', folder], { cwd: ROOT, stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
}
