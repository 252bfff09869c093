import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planSites } from '../../../src/core/plan/sites.ts';
import { planMounted } from '../../../src/core/plan/mounted.ts';
import { planWarmups } from '../../../src/core/plan/warmups.ts';
import { optionsOf } from '../../helpers/plan.ts';

const MOUNTED = '--http :1 --wsgi-file own.py --mount /shop=shop.py --mount /shop/größe=b.py';

function planned(line: string): readonly (readonly [application: number, scriptName: string, pathInfo: string])[] {
  const options = optionsOf(line);
  return planWarmups(options, planMounted(options)).map(({ application, scriptName, pathInfo }) => [application, scriptName, pathInfo]);
}

describe('a warm-up', () => {
  const nearest = Buffer.from('/shop/größe').toString('latin1');
  for (const [path, application, scriptName, pathInfo] of [
    ['/', 0, '', '/'],
    ['/shopping?a=/shop', 0, '', '/shopping'],
    ['/shop', 1, '/shop', ''],
    ['https://example.com/shop/%61', 1, '/shop', '/a'],
    ['/shop/gr%C3%B6%C3%9Fe/x', 2, nearest, '/x'],
    ['/shop/größe', 2, nearest, ''],
  ] as const)
    test(`of ${path} is for the application there`, () => {
      assert.deepEqual(planned(`${MOUNTED} --warmup ${path}`), [[application, scriptName, pathInfo]]);
    });

  test('outside all mountpoints is for the first, unless that is for nobody', () => {
    const line = '--http :1 --mount /a=a.py --mount /b=b.py --warmup /x';
    assert.deepEqual(planned(line), [[0, '', '/x']]);
    assert.throws(() => planned(`${line} --no-default-app`), {
      code: 'TSU_PLAN',
      message: /^warmup = \/x: no application is mounted there/,
    });
    assert.deepEqual(planned('--http :1 --wsgi-file a.py --no-default-app --warmup /x'), [[0, '', '/x']]);
    assert.deepEqual(planned('--http :1 --need-app=false --warmup /x'), [[-1, '', '/x']]);
  });

  test('is told to the site of its application only', () => {
    const sitesOf = (line: string) => planSites(optionsOf(line), '/usr/bin/python3').map(({ warmups }) => warmups.map(({ text }) => text));
    const line = `${MOUNTED} --warmup /shop/b --warmup / --warmup /shop/a`;
    assert.deepEqual(sitesOf(line), [['/'], ['/shop/b', '/shop/a'], []]);
    assert.deepEqual(sitesOf(`${line} -i`), [['/shop/b', '/', '/shop/a']]);
  });
});
