import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Destination } from '../../../src/core/gateway/destination.ts';
import { RequestVariables } from '../../../src/core/gateway/request-variables.ts';
import { siteReceiver } from '../../../src/core/gateway/site-receiver.ts';

interface Named extends Destination {
  readonly site: string;
}

const named = (site: string): Named => ({ site, isForWorkers: true, submit: () => undefined, abandon: () => undefined });

function siteOf(sent: Readonly<Record<string, string>>, managesScriptName: boolean): string {
  const mounted = ['', '/a', '/a/b'].map((mountpoint) => ({ mountpoint, site: `site of ${mountpoint}` }));
  const receiver = siteReceiver({ mounted, managesScriptName, otherwise: 'site of ' }, named);
  const variables = new RequestVariables();
  for (const [name, value] of Object.entries(sent)) variables.set(name, value);
  return (receiver(variables, () => named('nobody')) as Named).site;
}

describe('with manage-script-name the path decides', () => {
  for (const [path, site] of [
    ['/', 'site of '],
    ['/a', 'site of /a'],
    ['/a/', 'site of /a'],
    ['/ab', 'site of '],
    ['/a/b', 'site of /a/b'],
    ['/a/bc', 'site of /a'],
    ['/a/b/c', 'site of /a/b'],
  ] as const)
    test(path, () => assert.equal(siteOf({ PATH_INFO: path, SCRIPT_NAME: '' }, true), site));

  test('and SCRIPT_NAME where the path does not begin with a mountpoint', () => {
    assert.equal(siteOf({ PATH_INFO: '/x', SCRIPT_NAME: '/a' }, true), 'site of /a');
  });
});

describe('without it the web server decides', () => {
  test('by SCRIPT_NAME, whatever the path', () => {
    assert.equal(siteOf({ PATH_INFO: '/a/b', SCRIPT_NAME: '/a' }, false), 'site of /a');
    assert.equal(siteOf({ PATH_INFO: '/a', SCRIPT_NAME: '' }, false), 'site of ');
    assert.equal(siteOf({ PATH_INFO: '/a', SCRIPT_NAME: '/unknown' }, false), 'site of ');
  });

  test('by UWSGI_APPID before that', () => {
    assert.equal(siteOf({ PATH_INFO: '/', SCRIPT_NAME: '/a', UWSGI_APPID: '/a/b' }, false), 'site of /a/b');
  });
});
