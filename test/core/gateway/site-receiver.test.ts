import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Destination } from '../../../src/core/gateway/destination.ts';
import type { SitesSettings } from '../../../src/core/plan/gateway-plan.ts';
import { RequestVariables } from '../../../src/core/gateway/request-variables.ts';
import { type SiteDoors, siteReceiver } from '../../../src/core/gateway/site-receiver.ts';

interface Named extends Destination {
  readonly site: string;
}

const named = (site: string): Named => ({ site, isForWorkers: true, submit: () => undefined, abandon: () => undefined });

const DOORS: SiteDoors = { workersOf: named, workersFor: ({ site }) => named(`named ${site}`), nobody: named('nobody') };

function siteOf(sent: Readonly<Record<string, string>>, settings: boolean | Partial<SitesSettings>): string {
  const mounted = ['', '/a', '/a/b'].map((mountpoint) => ({ mountpoint, site: `site of ${mountpoint}` }));
  const usual = { mounted, managesScriptName: settings === true, ignoresScriptName: false, isDynamic: false, otherwise: 'site of ' };
  const receiver = siteReceiver({ ...usual, ...(typeof settings === 'object' && settings) }, DOORS);
  const variables = new RequestVariables();
  for (const [name, value] of Object.entries(sent)) variables.set(name, value);
  return (receiver(variables, () => named('somebody else')) as Named).site;
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

describe('with vhost a request may name its application', () => {
  const settings = { isDynamic: true };

  test('which comes before the one without a mountpoint, but not before the others', () => {
    assert.equal(siteOf({ PATH_INFO: '/', UWSGI_SCRIPT: 'shop' }, settings), 'named shop');
    assert.equal(siteOf({ PATH_INFO: '/', SCRIPT_NAME: '/a', UWSGI_SCRIPT: 'shop' }, settings), 'site of /a');
    assert.equal(siteOf({ PATH_INFO: '/' }, settings), 'site of ');
  });

  test('and is for nobody where it does not, and there is no other', () => {
    assert.equal(siteOf({ PATH_INFO: '/' }, { ...settings, mounted: [], otherwise: undefined }), 'nobody');
  });

  test('which nobody regards otherwise', () => {
    assert.equal(siteOf({ PATH_INFO: '/', UWSGI_SCRIPT: 'shop' }, {}), 'site of ');
  });
});

test('with ignore-script-name SCRIPT_NAME does not count', () => {
  assert.equal(siteOf({ PATH_INFO: '/', SCRIPT_NAME: '/a' }, { ignoresScriptName: true }), 'site of ');
});
