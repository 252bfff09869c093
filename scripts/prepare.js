/** A clone becomes something that runs: the packages of npm, the compiled engine. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** What npm writes when an installation is whole: one that was interrupted is done again. */
const INSTALLED = join(ROOT, 'node_modules/.package-lock.json');

/** Installs what is missing and builds. Ends this process where that fails: whoever failed has said why. */
export function prepare() {
  if (!existsSync(INSTALLED)) orEnd(run('npm', ['ci', '--no-audit', '--no-fund']));
  orEnd(run(process.execPath, [join(ROOT, 'scripts/build.js')]));
}

/**
 * Runs a command in the project's folder.
 *
 * @param {string} command
 * @param {readonly string[]} words
 * @param {NodeJS.ProcessEnv} env
 * @returns {number} its exit status, 1 where it has none
 */
export function run(command, words, env = process.env) {
  return spawnSync(command, words, { cwd: ROOT, stdio: 'inherit', env }).status ?? 1;
}

/** @param {number} status */
function orEnd(status) {
  if (status !== 0) process.exit(status);
}
