import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { planNamedSite } from '../../../src/core/plan/dynamic.ts';
import { applicationNamedBy } from '../../../src/core/plan/named-application.ts';
import type { Scope } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';

function siteOf(variables: Readonly<Record<string, string>>, roots: readonly string[] = []) {
  const application = applicationNamedBy((name) => variables[name] ?? '');
  assert.ok(application);
  return planNamedSite(application, { most: 1, roots, interpreter: '/usr/bin/python3' }, 7);
}

/** Two folders, and a link that leads from the one into the other. */
function folders(scope: Scope): { readonly inside: string; readonly outside: string } {
  const [inside, outside] = [tempDir(scope), tempDir(scope)];
  mkdirSync(join(inside, 'site'));
  writeFileSync(join(outside, 'a.py'), '');
  symlinkSync(outside, join(inside, 'link'));
  return { inside, outside };
}

test('the site of an application that a request names', (t) => {
  const { inside } = folders(t);
  const directory = join(inside, 'site');
  assert.deepEqual(siteOf({ UWSGI_SCRIPT: 'a:app', UWSGI_CHDIR: directory, UWSGI_TOUCH_RELOAD: 'touch' }), {
    name: `a:app in ${directory}`,
    isNamed: true,
    warmups: [],
    mounted: [{ number: 7, mountpoint: `a:app in ${directory}`, source: { kind: 'module', name: 'a' }, callable: 'app' }],
    interpreter: '/usr/bin/python3',
    directory,
    touchReload: join(directory, 'touch'),
  });
});

describe('a request may not name', () => {
  test('what is not there', (t) => {
    const { inside } = folders(t);
    for (const variables of [{ UWSGI_CHDIR: join(inside, 'gone') }, { UWSGI_PYHOME: join(inside, 'gone') }])
      assert.throws(() => siteOf({ UWSGI_SCRIPT: 'a', ...variables }), { code: 'TSU_NAMED_APPLICATION', message: /there is no .*gone/ });
  });

  test('a file as a folder, nor a folder as a virtualenv', (t) => {
    const { inside, outside } = folders(t);
    assert.throws(() => siteOf({ UWSGI_SCRIPT: 'a', UWSGI_CHDIR: join(outside, 'a.py') }), { message: /is no folder/ });
    assert.throws(() => siteOf({ UWSGI_SCRIPT: 'a', UWSGI_PYHOME: inside }), { code: 'TSU_VIRTUALENV' });
  });

  test('what is outside dynamic-root, by no way', (t) => {
    const { inside, outside } = folders(t);
    const refused = { code: 'TSU_NAMED_APPLICATION', message: /is outside the folders of dynamic-root/ };
    mkdirSync(join(inside, 'site-2'));
    const root = join(inside, 'site');
    for (const variables of [
      { UWSGI_SCRIPT: 'a', UWSGI_CHDIR: outside },
      { UWSGI_SCRIPT: 'a', UWSGI_CHDIR: join(inside, 'link') },
      { UWSGI_SCRIPT: 'a', UWSGI_CHDIR: `${inside}/site/../..` },
      { UWSGI_SCRIPT: 'a', UWSGI_CHDIR: inside, UWSGI_PYHOME: outside },
      { UWSGI_FILE: join(outside, 'a.py'), UWSGI_CHDIR: inside },
      { UWSGI_FILE: 'link/a.py', UWSGI_CHDIR: inside },
      { UWSGI_SCRIPT: 'a' },
    ])
      assert.throws(() => siteOf(variables, [inside]), refused, JSON.stringify(variables));
    assert.throws(() => siteOf({ UWSGI_SCRIPT: 'a', UWSGI_CHDIR: join(inside, 'site-2') }, [root]), refused);
    assert.equal(siteOf({ UWSGI_SCRIPT: 'a', UWSGI_CHDIR: root }, [outside, inside]).directory, root);
  });
});
