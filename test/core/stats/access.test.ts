import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { type Access, guarded, isHolder, isOnPurpose, type Matter, refusal } from '../../../src/core/stats/access.ts';
import { plainPage } from '../../../src/core/stats/page.ts';
import { openSession } from '../../../src/core/stats/session.ts';

const TOKEN = 'f6d1a0c29b7e4385';
const LOCAL: Access = { token: undefined, isPublic: false };
const PUBLIC: Access = { token: undefined, isPublic: true };
const SECRET: Access = { token: TOKEN, isPublic: true };

const statusFor = (access: Access, matter: Matter, headers: IncomingMessage['headers'] = {}) =>
  refusal({ headers, socket: { localAddress: '127.0.0.1' } }, matter, access)?.status ?? 200;

const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;

describe('without a token', () => {
  test('figures are for whoever asks', () => {
    assert.deepEqual([statusFor(LOCAL, 'figures'), statusFor(PUBLIC, 'figures')], [200, 200]);
    assert.equal(statusFor(LOCAL, 'figures', { host: 'stats.example' }), 200);
  });

  test('details are for users of this machine', () => {
    assert.deepEqual([statusFor(LOCAL, 'details'), statusFor(PUBLIC, 'details')], [200, 403]);
    const page = refusal({ headers: { host: 'localhost' }, socket: { localAddress: '127.0.0.1' } }, 'details', PUBLIC);
    assert.match(String(page?.body), /set stats-token/);
  });

  for (const { host, status } of [
    { host: 'localhost', status: 200 },
    { host: 'LocalHost:9191', status: 200 },
    { host: '127.0.0.1:9191', status: 200 },
    { host: '[::1]:9191', status: 200 },
    { host: 'rebound.example:9191', status: 403 },
    { host: '127.0.0.1.example', status: 403 },
    { host: 'localhost.example', status: 403 },
  ]) {
    test(`details that are asked for as ${host}: ${status}`, () => assert.equal(statusFor(LOCAL, 'details', { host }), status));
  }

  test('no page of a browser comes by a Unix socket, whatever name it says', () => {
    assert.equal(refusal({ headers: { host: 'any.example' }, socket: new Socket() }, 'details', LOCAL), undefined);
  });
});

describe('with a token', () => {
  for (const { what, authorization, status } of [
    { what: 'nothing', authorization: undefined, status: 401 },
    { what: 'the token', authorization: `Bearer ${TOKEN}`, status: 200 },
    { what: 'the token, with the scheme in another case', authorization: `bearer ${TOKEN}`, status: 200 },
    { what: 'the token as a password', authorization: basic(`jo:${TOKEN}`), status: 200 },
    { what: 'the token as the password of nobody', authorization: basic(`:${TOKEN}`), status: 200 },
    { what: 'another one', authorization: 'Bearer f6d1a0c29b7e4386', status: 401 },
    { what: 'the beginning of it', authorization: `Bearer ${TOKEN.slice(0, -1)}`, status: 401 },
    { what: 'more than it', authorization: `Bearer ${TOKEN}0`, status: 401 },
    { what: 'an empty one', authorization: 'Bearer ', status: 401 },
    { what: 'the token as the name', authorization: basic(`${TOKEN}:`), status: 401 },
    { what: 'another scheme', authorization: `Digest ${TOKEN}`, status: 401 },
  ]) {
    test(`who brings ${what} gets ${status}`, () => {
      const headers = { host: 'stats.example', ...(authorization !== undefined && { authorization }) };
      assert.deepEqual([statusFor(SECRET, 'figures', headers), statusFor(SECRET, 'details', headers)], [status, status]);
    });
  }

  test('users of this machine need it as well', () => {
    assert.equal(statusFor({ token: TOKEN, isPublic: false }, 'figures', { host: 'localhost' }), 401);
  });

  test('a browser asks its user', () => {
    const page = refusal({ headers: {}, socket: { localAddress: '::1' } }, 'figures', SECRET);
    assert.match(page?.headers['WWW-Authenticate'] ?? '', /^Basic realm=/);
    assert.equal(page?.headers['Cache-Control'], 'no-store');
  });
});

test('a page that is guarded goes by what is in force now', async () => {
  let access = LOCAL;
  const page = guarded(
    () => plainPage(200, 'all of it'),
    'figures',
    () => access,
  );
  const request = new IncomingMessage(new Socket());
  assert.equal((await page(request)).status, 200);
  access = SECRET;
  assert.equal((await page(request)).status, 401);
});

describe('a browser', () => {
  const session = (token: string) => openSession(token, Date.now() / 1000).split(';', 1)[0] ?? '';

  test('that was given a session is let in like the token', () => {
    assert.equal(statusFor(SECRET, 'details', { cookie: session(TOKEN) }), 200);
    assert.equal(statusFor(SECRET, 'details', { cookie: session(`${TOKEN}0`) }), 401);
    assert.ok(isHolder({ cookie: session(TOKEN) }, TOKEN));
    assert.ok(!isHolder({}, TOKEN));
  });

  test('asks its user for a password, and the dashboard does so itself', () => {
    const challenge = (accept: string) =>
      refusal({ headers: { accept }, socket: new Socket() }, 'figures', SECRET)?.headers['WWW-Authenticate'] ?? '';
    assert.match(challenge('text/html,*/*;q=0.8'), /^Basic .*, Bearer /);
    assert.match(challenge('application/json'), /^Bearer realm="[^"]*"$/);
  });

  for (const { what, headers, purpose } of [
    { what: 'our page', headers: { origin: 'http://stats.example:9191', host: 'stats.example:9191' }, purpose: true },
    { what: 'our page behind TLS', headers: { origin: 'https://stats.example', host: 'stats.example' }, purpose: true },
    { what: 'a program with the token', headers: { host: 'stats.example', authorization: 'Bearer x' }, purpose: true },
    { what: 'another port of this host', headers: { origin: 'http://stats.example:8000', host: 'stats.example:9191' }, purpose: false },
    {
      what: 'another site, with a token',
      headers: { origin: 'http://evil.example', host: 'a.example', authorization: 'Bearer x' },
      purpose: false,
    },
    { what: 'a page without an origin', headers: { origin: 'null', host: 'stats.example' }, purpose: false },
    { what: 'whoever says nothing', headers: { host: 'stats.example' }, purpose: false },
    { what: 'a password that a browser keeps', headers: { host: 'stats.example', authorization: 'Basic x' }, purpose: false },
    { what: 'nobody in particular', headers: { origin: 'http://undefined' }, purpose: false },
  ]) {
    test(`${purpose ? 'may' : 'may not'} have something done for ${what}`, () => assert.equal(isOnPurpose(headers), purpose));
  }
});
