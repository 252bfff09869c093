/** `npm run test:chaos -- [--seed N] [--rounds N] [--write]`: see chaos/main.ts. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/**
 * @param {readonly string[]} words
 * @returns {number}
 */
function node(words) {
  return spawnSync(process.execPath, words, { cwd: ROOT, stdio: 'inherit' }).status ?? 1;
}

process.exitCode = node(['scripts/build.js']) || node(['--import', 'tsx', 'chaos/main.ts', ...process.argv.slice(2)]);
