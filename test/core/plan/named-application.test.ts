import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applicationNamedBy } from '../../../src/core/plan/named-application.ts';

const named = (variables: Readonly<Record<string, string>>) => applicationNamedBy((name) => variables[name] ?? '');

describe('the variables of a request name', () => {
  for (const [what, variables, expected] of [
    ['a module', { UWSGI_SCRIPT: 'site.wsgi' }, { source: { kind: 'module', name: 'site.wsgi' }, callable: null }],
    ['a module and its callable', { UWSGI_SCRIPT: 'site:app' }, { source: { kind: 'module', name: 'site' }, callable: 'app' }],
    ['the same in two', { UWSGI_MODULE: 'site', UWSGI_CALLABLE: 'app' }, { source: { kind: 'module', name: 'site' }, callable: 'app' }],
    ['a file', { UWSGI_FILE: '/srv/a.py', UWSGI_CALLABLE: 'app' }, { source: { kind: 'file', path: '/srv/a.py' }, callable: 'app' }],
  ] as const)
    test(what, () => {
      const { source, callable } = named(variables) ?? {};
      assert.deepEqual({ source, callable }, expected);
    });

  test('where it is', () => {
    const { virtualenv, directory, touchReload } =
      named({
        UWSGI_SCRIPT: 'a',
        UWSGI_PYHOME: '/venv',
        UWSGI_CHDIR: '/srv',
        UWSGI_TOUCH_RELOAD: '/srv/touch',
      }) ?? {};
    assert.deepEqual([virtualenv, directory, touchReload], ['/venv', '/srv', '/srv/touch']);
    assert.equal(named({ UWSGI_SCRIPT: 'a', UWSGI_HOME: '/venv' })?.virtualenv, '/venv');
  });

  test('nothing where they are empty, or tell only where', () => {
    assert.equal(named({ UWSGI_SCRIPT: '', UWSGI_PYHOME: '/venv' }), undefined);
  });
});

test('one application has one name, and another one another', () => {
  const names = [
    { UWSGI_SCRIPT: 'a:app' },
    { UWSGI_SCRIPT: 'a', UWSGI_CALLABLE: 'app' },
    { UWSGI_SCRIPT: 'a' },
    { UWSGI_SCRIPT: 'a', UWSGI_CHDIR: '/srv' },
    { UWSGI_SCRIPT: 'a', UWSGI_CHDIR: '/srv', UWSGI_PYHOME: '/venv' },
    { UWSGI_SCRIPT: 'a', UWSGI_APPID: 'blue' },
    { UWSGI_SCRIPT: 'a', UWSGI_SCHEME: 'https', HTTP_HOST: 'one.example' },
  ].map((variables) => named(variables)?.site);
  assert.deepEqual(names, ['a:app', 'a:app', 'a', 'a in /srv', 'a in /srv with /venv', 'blue: a', 'a']);
});
