/** The same rules and requests under real uWSGI and under tsuwsgi: status, headers and body. Differences on purpose are in docs/uwsgi-differences.md. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { HttpConnection, type HttpResponse } from '../helpers/http.ts';
import { APPS, FIXTURES } from '../helpers/paths.ts';
import { startUwsgi } from '../helpers/peers.ts';
import { requires } from '../helpers/requirements.ts';
import { startServer } from '../helpers/server.ts';

const PLUGINS = ['router_redirect', 'router_rewrite', 'router_static', 'router_basicauth', 'router_expires'];
const FILE = join(APPS, 'hello.py');
const KNOWN = `Authorization: Basic ${Buffer.from('foo:bar').toString('base64')}`;
const UNKNOWN = `Authorization: Basic ${Buffer.from('foo:baz').toString('base64')}`;

/** A path, or a whole request head without its blank line. */
type Asked = string;

interface Trial {
  readonly what: string;
  /** Option and value, one after the other. */
  readonly rules: readonly (readonly [option: string, value: string])[];
  readonly asked: readonly Asked[];
}

const route = (value: string) => ['route', value] as const;
const run = (value: string) => ['route-run', value] as const;
const given = (condition: string, index: number) =>
  [
    ['route-if', `${condition} addvar:V_${String(index)}=yes`],
    ['route-if-not', `${condition} addvar:V_${String(index)}=no`],
  ] as const;

const CONDITIONS = [
  `exists:${FILE}`,
  'exists:/nowhere',
  `isfile:${FILE}`,
  `isfile:${APPS}`,
  `isdir:${APPS}`,
  `isdir:${FILE}`,
  `islink:${FILE}`,
  'isexec:/bin/sh',
  `isexec:${FILE}`,
  'equal:${PATH_INFO};/x',
  'isequal:a;b',
  'eq:a;a',
  '==:a;',
  'equal:a;a;a',
  'startswith:${PATH_INFO};/',
  'endswith:/xyz;yz',
  'contains:abc;b',
  'contain:abc;z',
  'regexp:${PATH_INFO};^/(x|y)$',
  're:a1b;[0-9]',
  're:ab;[0-9]',
  'ishigher:10;9',
  '>:9;10',
  'islower:9;10',
  '<:a;b',
  'ishigherequal:10;10',
  '>=:9;10',
  'islowerequal:10;10',
  '<=:10;9',
  'ipv4in:10.1.2.3;10.0.0.0/8',
  'ipv4in:11.1.2.3;10.0.0.0/8',
  'ipv4in:${REMOTE_ADDR};127.0.0.1',
  'ipv6in:::1;::1/128',
  'ipv6in:fe80::1;::1/128',
  'empty:',
  'empty:${NOWHERE}',
  'empty:x',
];

const TRIALS: readonly Trial[] = [
  {
    what: 'answers',
    rules: [
      route('^/redirect redirect:/y'),
      route('^/found(.*) redirect-302:http://other.example$1?q=${QUERY_STRING}'),
      route('^/moved redirect-301:https://${HTTP_HOST}${REQUEST_URI}'),
      route('^/permanent redirect-permanent:/z'),
      route('^/nowhere redirect:'),
      route('^/break403 break:403 Forbidden'),
      route('^/break404 break:404'),
      route('^/break200 break:200 Fine'),
      route('^/return404 return:404'),
      route('^/return500 return:500'),
      route('^/return301 return:301'),
      route('^/return200 return:200'),
      route('^/status break-with-status:403'),
      route('^/last last:'),
      route('^/continue continue:'),
      route('^/ return:410'),
    ],
    asked: [
      ...['redirect', 'found/a/b?k=v', 'moved/a?b=%20', 'permanent', 'nowhere', 'break403', 'break404', 'break200', 'return404'],
      ...['return500', 'return301', 'return200', 'status', 'last', 'continue', 'else'],
    ].map((path) => `/${path}`),
  },
  {
    what: 'changes of the request',
    rules: [
      route('^/old(.*) rewrite:/new$1?x=1'),
      route('^/keep rewrite:/kept'),
      route('^/stop rewrite-last:/stopped?y=2'),
      route('^/blank rewrite:/a b%20c?d'),
      route('^/new addvar:V_SEEN=${PATH_INFO} ${QUERY_STRING}'),
      route('^/script setscriptname:/script'),
      route('^/script fixpathinfo:'),
      route('^/named setscriptname:/named'),
      route('^/path setpathinfo:/other'),
      route('^/user setuser:joe'),
      route('^/scheme setscheme:https'),
      route('^/uri seturi:/u?x=1'),
      route('^/method setmethod:PUT'),
      route('^/address setremoteaddr:192.0.2.9'),
      route('^/empty addvar:V_EMPTY='),
      run('addvar:V_ORDER=1'),
      route('^/ addvar:V_ORDER=${V_ORDER}2'),
      ['route-if', 'equal:a;a addvar:V_ORDER=${V_ORDER}3'],
      ['route-if', 'regexp:${PATH_INFO};^/(n).* addvar:V_GROUP=<$1>'],
      route('^/jump goto:here'),
      run('addvar:V_JUMPED=no'),
      ['route-label', 'here'],
      run('addvar:V_BEHIND=yes'),
    ],
    asked: [
      ...['old/1', 'old/1?k=v', 'keep?k=v', 'stop?k', 'blank?z', 'script/rest', 'script', 'named/rest', 'path', 'user', 'scheme', 'uri'],
      ...['method', 'address', 'empty', 'jump', 'none', 'caf%C3%A9'],
    ].map((path) => `/${path}`),
  },
  { what: 'conditions', rules: CONDITIONS.flatMap((condition, index) => [...given(condition, index)]), asked: ['/x', '/other'] },
  {
    what: 'what rules look at',
    rules: [
      route('^/x$ addvar:V_PATH=1'),
      route('(?i)^/X$ addvar:V_CASE=1'),
      route('\\A/[[:alpha:]]\\z addvar:V_CLASS=1'),
      route('^/(?P<one>[^/]+)(/.*)? addvar:V_NAMED=<$1|$2>'),
      route('^/caf\\xc3 addvar:V_BYTES=1'),
      route('^/café$ addvar:V_TEXT=1'),
      ['route-uri', '^/x\\?k=(.) addvar:V_URI=$1'],
      ['route-host', '^test addvar:V_HOST=1'],
      ['route-qs', 'k=(.) addvar:V_QS=$1'],
      ['route-qs', '^$ addvar:V_NO_QS=1'],
      ['route-remote-addr', '^127 addvar:V_ADDR=1'],
      ['route-user-agent', 'cur(l) addvar:V_AGENT=$1'],
      ['route-user-agent', '^$ addvar:V_NO_AGENT=1'],
      ['route-referer', 'ref addvar:V_REFERER=1'],
      ['route-remote-user', '^$ addvar:V_NOBODY=1'],
      run('setuser:bob'),
      ['route-remote-user', '^bob$ addvar:V_USER=1'],
    ],
    asked: [
      '/x',
      '/x?k=v',
      '/X',
      '/y/z/w',
      '/caf%C3%A9',
      'GET /x?k=w HTTP/1.1\r\nHost: other\r\nUser-Agent: curl/8\r\nReferer: http://ref.example/',
    ],
  },
  {
    what: 'texts',
    rules: [
      run('addvar:V_COOKIE=${cookie[a]} ${cookie[b]} ${cookie[c]}'),
      run('addvar:V_QS=${qs[k]} ${qs[e]} ${qs[none]}'),
      run('addvar:V_CODED=${base64[PATH_INFO]} ${hex[PATH_INFO]} ${base64[NOWHERE]}'),
      run('addvar:V_DOLLARS=$$ ${NOWHERE}|$1|'),
      route('^/(.)(.)? addvar:V_GROUPS=$0|$1|$2|$3|$10'),
    ],
    asked: [
      '/p.png?k=v&e=a%20b+c&e=2',
      'GET /xy?k= HTTP/1.1\r\nHost: test.example\r\nCookie: a=1; b=two',
      'GET /x HTTP/1.1\r\nHost: test.example\r\nCookie: bb=3; b=4',
    ],
  },
  {
    what: 'passwords',
    rules: [
      route('^/a basicauth:My Realm,foo:bar'),
      route('^/next basicauth-next:R,x:y'),
      route('^/next basicauth:R,foo:bar'),
      route('^/only basicauth-next:R,x:y'),
      route('^/missing basicauth:R,/nowhere'),
      route(`^/file basicauth:R,${join(FIXTURES, 'htpasswd')}`),
    ],
    asked: ['a', 'next', 'only', 'missing', 'file'].flatMap((path) => [
      `/${path}`,
      ...[KNOWN, UNKNOWN, 'Authorization: Bearer x'].map((field) => `GET /${path} HTTP/1.1\r\nHost: test.example\r\n${field}`),
    ]),
  },
  {
    what: 'headers',
    rules: [
      ['add-header', 'X-Added: 1'],
      ['add-header', 'X-Two: added'],
      ['add-header', 'Content-Type: text/x-added'],
      ['rem-header', 'X-One'],
      run('addheader:X-Path: ${PATH_INFO}'),
      route('^/less delheader:x-two'),
      route('^/redirect redirect:/y'),
      route('^/break break:403 Forbidden'),
      route('^/return return:404'),
      route(`^/expires expires:filename=${FILE},value=60`),
    ],
    asked: ['/~headers', '/x', '/less', '/redirect', '/break', '/return', '/expires', '/~404'],
  },
  {
    what: 'responses',
    rules: [
      ['collect-header', 'X-Sendfile X_SENDFILE'],
      ['collect-header', 'x-two V_TWO'],
      ['pull-header', 'X-One V_ONE'],
      ['response-route-if-not', 'empty:${X_SENDFILE} static:${X_SENDFILE}'],
      ['response-route-run', 'addheader:X-Found: ${V_ONE} ${V_TWO} ${uwsgi[status]}'],
      ['response-route', '^/jump goto:end'],
      ['response-route', '^/redirect redirect:/y'],
      ['response-route', '^/break break:403 Forbidden'],
      ['response-route-host', '^test addheader:X-Host: 1'],
      ['response-route-status', '404 addheader:X-Missing: 1'],
      ['response-route-label', 'end'],
      ['response-route-if', 'equal:${REQUEST_METHOD};GET addheader:X-Get: 1'],
      ['error-route-status', '404 addheader:X-Error: 1'],
      ['error-route', '^/teapot return:418'],
      ['add-header', 'X-Added: 1'],
      route('^/routed return:404'),
      route(`^/file static:${FILE}`),
      route('^/optional static-next:/nowhere'),
      route('^/named addheader:X-Route: 1'),
    ],
    asked: [
      ...[
        '/x',
        '/~headers',
        '/~404',
        `/~file=${FILE}`,
        '/~file=/nowhere',
        '/jump',
        '/redirect',
        '/break',
        '/routed',
        '/named',
        '/file',
        '/optional',
      ],
      ...[`HEAD /~file=${FILE} HTTP/1.1\r\nHost: test.example`],
    ],
  },
];

describe('rules', () => {
  for (const { what, rules, asked } of TRIALS) {
    test(`do what they do in uWSGI: ${what}`, { skip: requires('uwsgi', 'uwsgi-plugin-python3') }, async (t) => {
      const words = [
        '--http-socket',
        '127.0.0.1:0',
        '--wsgi-file',
        'routes.py',
        ...rules.flatMap(([option, value]) => [`--${option}`, value]),
      ];
      const ours = await startServer(t, words);
      const theirs = await startUwsgi(t, ['--plugin', PLUGINS.join(','), ...words]);
      for (const one of asked) {
        const [mine, yours] = await Promise.all([ask(ours.address('http-socket'), one), ask(theirs.address, one)]);
        assert.deepEqual([mine.status, mine.reason], [yours.status, yours.reason], one);
        assert.deepEqual(comparable(mine, yours), comparable(yours, yours), one);
        assert.equal(mine.text, yours.text, one);
      }
    });
  }

  for (const [option, value] of [
    ['route', '^/x nosuch:1'],
    ['route', '^/x'],
    ['route', '(/x redirect:/y'],
    ['route', '^/a b redirect:/y'],
    ['route-run', 'redirect'],
    ['route-if', 'nosuch:x redirect:/y'],
    ['route-if', 'empty redirect:/y'],
    ['route', '^/x addvar:V_A'],
    ['route', '^/x basicauth:R'],
    ['collect-header', 'X-One'],
  ] as const) {
    test(`are refused at start as there: ${option} = ${value}`, { skip: requires('uwsgi', 'uwsgi-plugin-python3') }, async (t) => {
      const words = ['--http-socket', '127.0.0.1:0', '--wsgi-file', 'routes.py', `--${option}`, value];
      const { status } = await startUwsgi(t, ['--plugin', PLUGINS.join(','), ...words]).then(
        () => ({ status: 0 }),
        () => ({ status: 1 }),
      );
      assert.equal(status, 1, 'uWSGI refuses it');
      await assert.rejects(startServer(t, words));
    });
  }
});

async function ask(address: Address, asked: Asked): Promise<HttpResponse> {
  const head = asked.startsWith('/') ? `GET ${asked} HTTP/1.1\r\nHost: test.example` : asked;
  const connection = await HttpConnection.open(address);
  connection.sendRaw(`${head}\r\nConnection: close\r\n\r\n`, head.startsWith('HEAD') ? 'HEAD' : 'GET');
  try {
    return await connection.response();
  } catch (error) {
    throw new Error(`no answer to ${head}`, { cause: error });
  } finally {
    connection.close();
  }
}

/** What only we send. Of a file, its type is the affair of another table. */
const OURS = ['date', 'connection', 'content-length', 'transfer-encoding', 'etag', 'accept-ranges', 'content-type'];

function comparable({ headers }: HttpResponse, { header }: HttpResponse): readonly string[] {
  return headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => name !== 'connection' && (header(name) !== undefined || !OURS.includes(name)))
    .map(([name, value]) => `${name}: ${value}`);
}
