import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counters } from '../../../src/core/gateway/counters.ts';
import { Dispatchers } from '../../../src/core/gateway/dispatchers.ts';
import type { NamedApplication } from '../../../src/core/plan/named-application.ts';
import { fakeExchange } from './fake-exchange.ts';

const PLAN = { queueLimit: 10, prefetch: 1, harakiriMs: 0, httpHarakiriMs: 0, queueTimeoutMs: 0 };

const SHOP: NamedApplication = {
  site: 'shop.py in /srv/shop',
  source: { kind: 'file', path: 'shop.py' },
  callable: null,
  virtualenv: undefined,
  directory: '/srv/shop',
  touchReload: undefined,
};

function dispatchers() {
  const wanted: string[] = [];
  const made = new Dispatchers(PLAN, {
    lastStarted: () => ({ requestId: 0, deadlineMs: 0 }),
    log: () => undefined,
    counters: new Counters(),
    knock: () => undefined,
    askBack: () => undefined,
    bare: () => undefined,
    wanted: ({ site }) => wanted.push(site),
  });
  return { dispatchers: made, wanted, sites: () => made.queuesAt(0).map(({ site }) => site) };
}

test('the master hears of an application when a request for it is whole, and once', () => {
  const { dispatchers: all, wanted } = dispatchers();
  const [first, second] = [all.for(SHOP), all.for(SHOP)];
  assert.deepEqual(wanted, []);
  first.submit(fakeExchange().exchange);
  second.submit(fakeExchange().exchange);
  assert.deepEqual(wanted, [SHOP.site]);
});

test('a request that was under way when its application was refused has it asked for again', () => {
  const { dispatchers: all, wanted } = dispatchers();
  const [first, late] = [fakeExchange(), fakeExchange()];
  const destination = all.for(SHOP);
  all.for(SHOP).submit(first.exchange);
  const refuse = (): void => {
    all.forget(SHOP.site);
    all.refuse({ site: SHOP.site, status: 500, reason: 'there is no /srv/shop' });
  };
  refuse();
  destination.submit(late.exchange);
  refuse();
  assert.deepEqual(wanted, [SHOP.site, SHOP.site]);
  assert.deepEqual([first.lines, late.lines], [['500: there is no /srv/shop'], ['500: there is no /srv/shop']]);
});

test('nothing is kept of an application that the master has forgotten, once nobody waits for it', () => {
  const { dispatchers: all, sites } = dispatchers();
  all.of('/blog');
  all.for(SHOP).submit(fakeExchange().exchange);
  all.forget(SHOP.site);
  all.checkTime(0);
  assert.deepEqual(sites(), ['/blog', SHOP.site], 'somebody waits');
  all.refuse({ site: SHOP.site, status: 500, reason: 'there is no /srv/shop' });
  all.checkTime(0);
  assert.deepEqual(sites(), ['/blog']);
});

test('an application that is named again is remembered', () => {
  const { dispatchers: all, sites } = dispatchers();
  all.forget(SHOP.site);
  const { exchange } = fakeExchange();
  const destination = all.for(SHOP);
  destination.submit(exchange);
  destination.abandon(exchange);
  all.checkTime(0);
  assert.deepEqual(sites(), [SHOP.site]);
});
