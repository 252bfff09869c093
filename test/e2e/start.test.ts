/** The first minute of a newcomer: a fresh clone, one command. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { parseAddress } from '../helpers/address.ts';
import { launch } from '../helpers/child.ts';
import { EXAMPLE } from '../../scripts/start.js';
import { fetchOnce } from '../helpers/http.ts';
import { ROOT } from '../helpers/paths.ts';
import { allGone } from '../helpers/processes.ts';
import { startServer } from '../helpers/server.ts';
import type { Scope } from '../helpers/scope.ts';
import { statsOf } from '../helpers/statistics.ts';
import { tempDir } from '../helpers/temp.ts';

test('npm start alone serves the example of the tutorial: four workers with two threads, and the statistics', async (t) => {
  // The words of npm start with free ports in the place of its own.
  const words = EXAMPLE.map((word) => (word === ':9090' ? '127.0.0.1:0' : word.replace('127.0.0.1:9191', '127.0.0.1:0')));
  assert.deepEqual([EXAMPLE.includes(':9090'), EXAMPLE.includes('127.0.0.1:9191')], [true, true]);
  const server = await startServer(t, words, { cwd: ROOT });
  for (const worker of [1, 2, 3, 4]) await server.line(new RegExp(`worker ${String(worker)} \\(pid \\d+\\) serving, 2 threads`));
  assert.match((await fetchOnce(server.address('http'), '/')).text, /Hello/);
  assert.ok('workers' in (await statsOf(server.address('stats'))));
});

/** Tells which parts of Node a process has loaded by its end. */
const TELL_PARTS = `process.once('exit', () =>
  require('node:fs').appendFileSync(__dirname + '/parts', process.moduleLoadList.join('\\n') + '\\n'));`;

for (const mode of ['', '-M']) {
  test(`what only some servers need of Node is not loaded for the others ${mode}`, async (t) => {
    const folder = tempDir(t, { 'tell-parts.cjs': TELL_PARTS });
    const env = { NODE_OPTIONS: `--require ${join(folder, 'tell-parts.cjs')}` };
    const server = await startServer(t, `--http-socket 127.0.0.1:0 --wsgi-file hello.py ${mode}`, { env });
    assert.equal((await fetchOnce(server.address('http-socket'), '/')).status, 200);
    await server.stop('SIGTERM');
    const parts = readFileSync(join(folder, 'parts'), 'utf8').split('\n');
    assert.ok(parts.includes('NativeModule net'));
    for (const part of ['http', 'http2', 'tls', 'crypto', 'dns/promises']) assert.ok(!parts.includes(`NativeModule ${part}`), part);
  });
}

const INSTALLED_AND_BUILT_MS = 90_000;

test('npm start -- … in a fresh clone installs, builds and serves, and stops on Ctrl-C', async (t) => {
  const child = launch(t, {
    command: 'npm',
    words: ['start', '--', '--http', '127.0.0.1:0', '--wsgi-file', 'examples/hello/server.py', '-M', '-p', '2'],
    cwd: freshClone(t),
    env: surroundings(),
    stopSignal: 'SIGTERM',
    stopStatus: 'any',
    group: 'own',
  });
  await child.line(/ready: 2 workers/, 1, INSTALLED_AND_BUILT_MS);
  const address = parseAddress(child.lines(/(?:^|\s)http on (\S+)/)[0]?.[1] ?? '');
  const response = await fetchOnce(address, '/');
  assert.equal(response.status, 200);
  assert.match(response.text, /Hello/);

  const family = child.family().map(({ pid }) => pid);
  process.kill(-child.pid, 'SIGINT');
  await child.finished();
  await allGone(family, 3_000);
  assert.doesNotMatch(child.log, /KeyboardInterrupt|Traceback/);
});

/** npm needs what the machine says about proxies and certificates, and nothing of the npm that runs the tests. */
function surroundings(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !/^(npm_|NODE_TEST_CONTEXT$|NODE_OPTIONS$)/.test(name),
  );
  return { ...(Object.fromEntries(kept) as Record<string, string>), PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
}

/** What a clone of the checkout would hold: every file that git knows or would take. */
function freshClone(scope: Scope): string {
  const dir = tempDir(scope);
  const names = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: ROOT, encoding: 'utf8' });
  for (const name of names.split('\0').filter((one) => one !== '' && existsSync(join(ROOT, one))))
    cpSync(join(ROOT, name), join(dir, name));
  return dir;
}
