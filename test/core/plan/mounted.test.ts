import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planMounted } from '../../../src/core/plan/mounted.ts';
import { optionsOf } from '../../helpers/plan.ts';

const mountedOf = (line: string) => planMounted(optionsOf(line));
const file = (path: string) => ({ kind: 'file', path });
const pasted = (uri: string) => ({ kind: 'paste', uri, isLogged: false });
const named = (name: string) => ({ kind: 'module', name });

describe('the applications of a server', () => {
  for (const { what, line, source, callable } of [
    { what: 'a file', line: '--wsgi-file dir/server.py', source: file('dir/server.py'), callable: null },
    { what: 'a file with a callable', line: '--wsgi-file server.py --callable app', source: file('server.py'), callable: 'app' },
    { what: 'a module', line: '-w pkg.mod', source: named('pkg.mod'), callable: null },
    { what: 'a module with its callable', line: '-w pkg.mod:app', source: named('pkg.mod'), callable: 'app' },
    { what: 'what Paste makes', line: '--paste config:/a.ini#b', source: pasted('config:/a.ini#b'), callable: null },
    { what: 'a section of it by name', line: '--paste egg:A --paste-name b', source: pasted('egg:A'), callable: 'b' },
    { what: 'a file rather than what Paste makes', line: '--paste egg:A --wsgi-file a.py', source: file('a.py'), callable: null },
    { what: "the module's own callable before the option", line: '-w mod:app --callable other', source: named('mod'), callable: 'app' },
  ]) {
    test(`are ${what}`, () => {
      assert.deepEqual(mountedOf(line), [{ number: 0, mountpoint: '', source, callable }]);
    });
  }

  test('are those of mount behind it, in their order', () => {
    assert.deepEqual(mountedOf('--mount /a=a.py --mount /b/c/=pkg.b:app --worker-mount /d=d --mount /e=e.wsgi -w own --callable app'), [
      { number: 0, mountpoint: '', source: named('own'), callable: 'app' },
      { number: 1, mountpoint: '/a', source: file('a.py'), callable: 'app' },
      { number: 2, mountpoint: '/b/c', source: named('pkg.b'), callable: 'app' },
      { number: 3, mountpoint: '/d', source: named('d'), callable: 'app' },
      { number: 4, mountpoint: '/e', source: file('e.wsgi'), callable: 'app' },
    ]);
  });

  test('are made by Paste at a mountpoint as well', () => {
    const [application] = mountedOf('--mount /a=config:/srv/a.ini#b --callable app --paste-logger');
    assert.deepEqual(application, {
      number: 0,
      mountpoint: '/a',
      source: { ...pasted('config:/srv/a.ini#b'), isLogged: true },
      callable: null,
    });
    assert.throws(() => mountedOf('--mount /a=a.ini'), { message: /takes a file of Paste with its scheme, as in/ });
  });

  test('have one mountpoint each', () => {
    assert.throws(() => mountedOf('--mount /a=a.py --mount /a/=b.py'), { code: 'TSU_PLAN', message: 'two applications at /a' });
    assert.throws(() => mountedOf('--wsgi-file a.py --mount /=b.py'), { message: 'two applications without a mountpoint' });
  });

  for (const text of ['/a', 'a=a.py', '/a=', '=a.py', '/a=site.ini']) {
    test(`are not "${text}"`, () => {
      assert.throws(() => mountedOf(`--mount ${text}`), { message: /"mount" takes (\/PATH=APPLICATION|a file of Paste)/ });
    });
  }
});
