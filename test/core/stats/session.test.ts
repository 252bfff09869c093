import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { endSession, hasSession, openSession } from '../../../src/core/stats/session.ts';

const TOKEN = '0123456789abcdef';
const NOW = 1_800_000_000;
const HALF_A_DAY = 12 * 3600;
const [COOKIE = ''] = openSession(TOKEN, NOW).split(';', 1);

describe('a session', () => {
  test('is kept from scripts and from the pages of others', () => {
    assert.match(openSession(TOKEN, NOW), /^tsuwsgi-session=[\w.-]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
    assert.ok(!openSession(TOKEN, NOW).includes(TOKEN));
  });

  test('is good among other cookies, for half a day', () => {
    for (const cookies of [COOKIE, `a=b; ${COOKIE}`, `${COOKIE}; c=d`]) assert.ok(hasSession(cookies, TOKEN, NOW), cookies);
    assert.ok(hasSession(COOKIE, TOKEN, NOW + HALF_A_DAY - 1));
    assert.ok(!hasSession(COOKIE, TOKEN, NOW + HALF_A_DAY));
  });

  test('ends with its token', () => {
    assert.ok(!hasSession(COOKIE, `${TOKEN}0`, NOW));
  });

  const [name = '', value = ''] = COOKIE.split('=');
  const [until = '', seal = ''] = value.split('.');
  for (const { what, cookies } of [
    { what: 'no cookie', cookies: undefined },
    { what: 'an empty one', cookies: `${name}=` },
    { what: 'a longer life', cookies: `${name}=${Number(until) + 1}.${seal}` },
    { what: 'another seal', cookies: `${name}=${until}.${seal.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}` },
    { what: 'half a seal', cookies: `${name}=${until}.${seal.slice(0, 20)}` },
    { what: 'more than a seal', cookies: `${name}=${until}.${seal}x` },
    { what: 'another name that ends alike', cookies: `x${COOKIE}` },
    { what: 'one that was taken away', cookies: endSession().split(';', 1)[0] },
  ]) {
    test(`is not had by ${what}`, () => assert.ok(!hasSession(cookies, TOKEN, NOW)));
  }

  test('ends when it is asked to', () => {
    assert.equal(endSession(), 'tsuwsgi-session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict');
  });
});
