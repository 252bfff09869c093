import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planSiteChoice, planSites } from '../../../src/core/plan/sites.ts';
import { optionsOf } from '../../helpers/plan.ts';

const sitesOf = (line: string) => planSites(optionsOf(line), '/usr/bin/python3');
const TWO = '--http :1 --wsgi-file own.py --mount /a=a.py';

describe('the sites of a server', () => {
  test('are one for each application', () => {
    const sites = sitesOf(TWO);
    assert.deepEqual(
      sites.map(({ name, mounted }) => [name, mounted.map(({ number }) => number)]),
      [
        ['', [0]],
        ['/a', [1]],
      ],
    );
    assert.ok(sites.every(({ interpreter }) => interpreter === '/usr/bin/python3'));
  });

  test('are one for all with single-interpreter', () => {
    assert.deepEqual(
      sitesOf(`${TWO} -i`).map(({ name, mounted }) => [name, mounted.length]),
      [['', 2]],
    );
  });

  test('have no application only where none is needed', () => {
    assert.throws(() => sitesOf('--http :9090'), { code: 'TSU_PLAN', exitStatus: 22, message: 'no application to serve' });
    assert.deepEqual(
      sitesOf('--http :9090 --need-app=false').map(({ mounted }) => mounted),
      [[]],
    );
  });

  test('may be none where requests name them', () => {
    for (const word of ['--vhost', '--vhost-host', '--dynamic-apps']) assert.deepEqual(sitesOf(`--http :9090 ${word}`), []);
  });
});

describe('requests that fit no mountpoint', () => {
  for (const [line, site] of [
    [TWO, ''],
    ['--http :1 --mount /a=a.py --mount /b=b.py', '/a'],
    ['--http :1 --need-app=false', ''],
    ['--http :1 --vhost', undefined],
  ] as const)
    test(line, () => assert.equal(planSiteChoice(sitesOf(line), optionsOf(line)).otherwise, site));
});
