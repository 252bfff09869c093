/** The packed tarball, installed as a user installs it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fetchOnce } from '../helpers/http.ts';
import { APPS, ROOT, VERSION } from '../helpers/paths.ts';
import { NODE, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

test('npm pack, npm install -g into an empty prefix, and it serves, with the Python runtime in it', async (t) => {
  const dir = tempDir(t);
  // dist was built by the test run; building it again would pull it from under the other tests.
  npm('pack', '--ignore-scripts', '--pack-destination', dir);
  const tarball = join(dir, `tsuwsgi-${VERSION}.tgz`);
  const packed = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
  for (const name of [
    'bin/run.js',
    'bin/package.json',
    'dist/bundle/main.cjs',
    'dist/bundle/main.cjs.cache',
    'dist/core/index.js',
    'dist/core/index.d.ts',
    'dist/dashboard/index.html',
    'dist/dashboard/dashboard.js',
    'python/tsuwsgi/__main__.py',
    'README.md',
    'LICENSE',
  ]) {
    assert.ok(packed.includes(`package/${name}`), `${name} is in the tarball`);
  }
  assert.deepEqual(
    packed.filter((name) => /\/(test|src|bench|scripts|node_modules|__pycache__)\//.test(name)),
    [],
  );

  const prefix = join(dir, 'prefix');
  npm('install', '--global', '--prefix', prefix, '--prefer-offline', tarball);
  const env = { PATH: `${dirname(NODE)}:/usr/bin:/bin` };
  const command = [join(prefix, 'bin/tsuwsgi')];
  const server = await startServer(t, `--http 127.0.0.1:0 --wsgi-file ${join(APPS, 'hello.py')} -M -p 2`, { cwd: dir, env, command });
  assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello World!');
});

function npm(...words: string[]): void {
  execFileSync('npm', [...words, '--loglevel=error'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}
