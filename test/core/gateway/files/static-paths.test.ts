import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StaticPaths } from '../../../../src/core/gateway/files/static-paths.ts';
import { RequestVariables } from '../../../../src/core/gateway/request-variables.ts';
import type { FileSettings } from '../../../../src/core/plan/file-settings.ts';
import { marshalKey } from '../../../../src/core/wire/marshal.ts';
import { NO_FILES } from '../no-files.ts';

function pathsOf(settings: Partial<FileSettings>, path: string, more: Readonly<Record<string, string>> = {}): readonly string[] {
  const variables = new RequestVariables();
  for (const [name, value] of Object.entries({ REQUEST_METHOD: 'GET', PATH_INFO: path, ...more })) variables.text(marshalKey(name), value);
  return new StaticPaths({ ...NO_FILES, ...settings }).candidates(variables).map((candidate) => candidate.path);
}

const MAP = { mappings: [{ prefix: '/s', target: '/srv/site', keepsPrefix: false }] };

describe('a folder at a prefix', () => {
  for (const { path, found } of [
    { path: '/s/a.txt', found: ['/srv/site/a.txt'] },
    { path: '/s', found: ['/srv/site'] },
    { path: '/s/', found: ['/srv/site/'] },
    { path: '/sa.txt', found: [] },
    { path: '/other', found: [] },
    { path: '', found: [] },
    { path: '*', found: [] },
    { path: '/s/caf\xc3\xa9', found: ['/srv/site/caf\xc3\xa9'] },
    { path: '/s/../secret', found: [] },
    { path: '/s/..', found: [] },
    { path: '/s/.../..a', found: ['/srv/site/.../..a'] },
    { path: '/s/a\0.txt', found: [] },
  ]) {
    test(JSON.stringify(path), () => assert.deepEqual(pathsOf(MAP, path), found));
  }

  test('is the same with a slash behind the prefix', () => {
    assert.deepEqual(pathsOf({ mappings: [{ prefix: '/s/', target: '/srv', keepsPrefix: false }] }, '/s/a'), ['/srv/a']);
  });

  test('of nothing is all of the site', () => {
    assert.deepEqual(pathsOf({ mappings: [{ prefix: '/', target: '/srv', keepsPrefix: false }] }, '/a'), ['/srv/a']);
  });

  test('stays a part of the path where static-map2 says so', () => {
    assert.deepEqual(pathsOf({ mappings: [{ prefix: '/s', target: '/srv', keepsPrefix: true }] }, '/s/a'), ['/srv/s/a']);
  });
});

test('the path below a mountpoint counts, below the nearest of them', () => {
  const settings = { ...MAP, mountpoints: ['', '/app', '/app/inner'] };
  assert.deepEqual(pathsOf(settings, '/app/s/a'), ['/srv/site/a']);
  assert.deepEqual(pathsOf(settings, '/app/inner/s/a'), ['/srv/site/a']);
  assert.deepEqual(pathsOf(settings, '/apps/s/a'), []);
  assert.deepEqual(pathsOf(settings, '/s/a'), ['/srv/site/a']);
});

test('folders are asked in the order of uWSGI', () => {
  const settings = { ...MAP, checked: ['/one', '/two'], checksDocumentRoot: true };
  assert.deepEqual(pathsOf(settings, '/s/a', { DOCUMENT_ROOT: '/root' }), ['/one/s/a', '/two/s/a', '/srv/site/a', '/root/s/a']);
});

describe('the folder that the web server names', () => {
  for (const { root, found } of [
    { root: '/srv/root/', found: ['/srv/root/a'] },
    { root: '/srv/x/../root', found: ['/srv/root/a'] },
    { root: 'html', found: [] },
    { root: '', found: [] },
    { root: '/srv\0', found: [] },
  ]) {
    test(JSON.stringify(root), () => assert.deepEqual(pathsOf({ checksDocumentRoot: true }, '/a', { DOCUMENT_ROOT: root }), found));
  }

  test('counts only where it is to', () => assert.deepEqual(pathsOf(MAP, '/a', { DOCUMENT_ROOT: '/root' }), []));
});

test('endings that are the application’s are not looked for', () => {
  assert.deepEqual(pathsOf({ ...MAP, skipped: ['.php', '.inc'] }, '/s/a.inc'), []);
  assert.deepEqual(pathsOf({ ...MAP, skipped: ['.php'] }, '/s/a.php/b'), ['/srv/site/a.php/b']);
});

for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'get', '']) {
  test(`${method || 'no method'} is for the application`, () => assert.deepEqual(pathsOf(MAP, '/s/a', { REQUEST_METHOD: method }), []));
}

test('HEAD is for a file as well', () => assert.deepEqual(pathsOf(MAP, '/s/a', { REQUEST_METHOD: 'HEAD' }), ['/srv/site/a']));
