import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { servesFiles } from '../../../src/core/plan/file-settings.ts';
import { planFiles, wantsFiles } from '../../../src/core/plan/files.ts';
import { optionsOf, planOf } from '../../helpers/plan.ts';

const filesOf = (...words: string[]) => planFiles(optionsOf(words), '/srv/app');

test('paths are seen from where the server works', () => {
  const plan = filesOf(
    '--static-map=/s=static',
    '--check-static=.',
    '--static-safe=../safe',
    '--static-gzip-dir=static',
    '--mimefile=types',
  );
  assert.deepEqual(plan.mappings, [{ prefix: '/s', target: '/srv/app/static', keepsPrefix: false }]);
  assert.deepEqual([plan.checked, plan.safe, plan.gzip.folders], [['/srv/app'], ['/srv/safe'], ['/srv/app/static']]);
  assert.deepEqual(plan.mimeFiles, ['/srv/app/types']);
});

test('folders of X-Sendfile are seen from where the server works, too', () => {
  const { workers } = planOf('--http-socket=:0 --wsgi-file=app.py --chdir=app --x-sendfile=files', { directory: '/srv' });
  assert.deepEqual(workers.sentFolders, ['/srv/app/files']);
});

test('mountpoints are cut off where the server manages script names', () => {
  const mounts = ['--mount=/app=app.py', '--mount=/shop/=shop.py'];
  assert.deepEqual(filesOf(...mounts).mountpoints, []);
  assert.deepEqual(filesOf(...mounts, '--manage-script-name').mountpoints, ['/app', '/shop']);
});

test('folders at a prefix come before those of static-map2', () => {
  const { mappings } = filesOf('--static-map2=/two=/b', '--static-map=/one=/a');
  assert.deepEqual(
    mappings.map(({ prefix, keepsPrefix }) => [prefix, keepsPrefix]),
    [
      ['/one', false],
      ['/two', true],
    ],
  );
});

test('each kind of expiry knows what it looks at and from when it counts', () => {
  const kinds = ['', '-path-info', '-uri'].flatMap((kind) => [`--static-expires${kind}=x 1`, `--static-expires${kind}-mtime=x 2`]);
  const { expiries } = filesOf(...kinds, '--static-expires-type=a/b=1', '--static-expires-type-mtime=a/b=2');
  assert.deepEqual(
    expiries.map(({ subject, since, seconds }) => `${subject} ${since} ${seconds}`),
    ['file', 'path-info', 'uri', 'type'].flatMap((subject) => [`${subject} now 1`, `${subject} modification 2`]),
  );
});

for (const [mode, field] of [
  ['send', undefined],
  ['nginx', 'X-Accel-Redirect'],
  ['xaccelredirect', 'X-Accel-Redirect'],
  ['x-sendfile', 'X-Sendfile'],
] as const) {
  test(`file-serve-mode = ${mode}`, () => assert.equal(filesOf(`--file-serve-mode=${mode}`).handedOverBy, field));
}

describe('requests are looked at', () => {
  for (const option of ['--static-map=/s=/srv', '--static-map2=/s=/srv', '--check-static=/srv', '--check-static-docroot']) {
    test(`with ${option}`, () => {
      assert.equal(wantsFiles(optionsOf(option)), true);
      assert.equal(servesFiles(filesOf(option)), true);
    });
  }

  test('not for options that only say how', () => {
    const options = ['--static-index=a', '--static-safe=/srv', '--static-gzip-all', '--static-expires=a 1', '--mimefile=/a'];
    assert.equal(wantsFiles(optionsOf(options)), false);
    assert.equal(servesFiles(filesOf(...options)), false);
  });
});
