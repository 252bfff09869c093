/**
 * The same application under real uWSGI and under tsuwsgi: environ key by key, response header by header.
 * Every difference is in a list here, with its reason; one that is no longer seen must leave the list.
 */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { formatAddress, freePort, type Address } from '../helpers/address.ts';
import { HttpConnection, type HttpResponse } from '../helpers/http.ts';
import { fastcgiPass, scgiPass, startNginx, uwsgiPass } from '../helpers/nginx.ts';
import { startUwsgi } from '../helpers/peers.ts';
import { requires } from '../helpers/requirements.ts';
import { startServer } from '../helpers/server.ts';

type Mode = 'http' | 'http-socket' | 'nginx' | 'nginx fastcgi' | 'nginx scgi';

const MODES: readonly Mode[] = ['http', 'http-socket', 'nginx', 'nginx fastcgi', 'nginx scgi'];
const BEHIND_NGINX: readonly Mode[] = ['nginx', 'nginx fastcgi', 'nginx scgi'];

/** What is sent, byte for byte; `HOST` stands for nothing special, so that both see the same. */
const REQUESTS: Readonly<Record<string, string>> = {
  'a plain GET': 'GET / HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\n\r\n',
  'a query': 'GET /a/b?c=d&e=%20+f?g HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\n\r\n',
  'an empty query': 'GET /a? HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\n\r\n',
  'escapes in the path': 'GET /caf%C3%A9/a%20b+c%2Fd HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\n\r\n',
  'dots in the path': 'GET /a/./b/../c HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\n\r\n',
  'two slashes in the path': 'GET /a//b HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\n\r\n',
  'a body': 'POST /form HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\nContent-Type: text/x-form\r\nContent-Length: 3\r\n\r\na=b',
  'an empty body': 'POST / HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
  'another method': 'PATCH / HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\n\r\n',
  'HTTP/1.0': 'GET / HTTP/1.0\r\nHost: test.example\r\n\r\n',
  'a header twice': 'GET / HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\nX-Multi: one\r\nX-Multi: two\r\n\r\n',
  'two Cookie lines': 'GET / HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n',
  'a Proxy header': 'GET / HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\nProxy: http://evil.example\r\n\r\n',
  'a header with an underscore': 'GET / HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\nX_Under: one\r\n\r\n',
  'a forwarded protocol': 'GET / HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\nX-Forwarded-Proto: https\r\n\r\n',
  'a header of latin-1': 'GET / HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\nX-Latin: caf\xe9\r\n\r\n',
  'blanks around a value': 'GET / HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\nX-Blank:   some   thing  \r\n\r\n',
  'an empty value': 'GET / HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\nX-Empty:\r\n\r\n',
};

interface Difference {
  readonly key: string;
  readonly in: readonly Mode[];
  readonly why: string;
}

/** Where an environ may differ from uWSGI's. */
const ENVIRON_DIFFERENCES: readonly Difference[] = [
  {
    key: 'REMOTE_PORT',
    in: ['http', ...BEHIND_NGINX],
    why: "the client's port is another one each time; uWSGI's router also swaps its bytes",
  },
  { key: 'SERVER_PORT', in: MODES, why: 'two servers have two ports' },
  { key: 'uwsgi.version', in: MODES, why: 'it is our own version' },
  { key: 'wsgi.input', in: MODES, why: 'an object: shown with its address' },
  { key: 'wsgi.errors', in: MODES, why: 'an object: shown with its encoding, always UTF-8 in ours' },
  { key: 'wsgi.file_wrapper', in: MODES, why: 'an object: shown with its address' },
  { key: 'wsgi.early_hints', in: ['http', 'http-socket'], why: 'uWSGI has no early hints' },
  { key: 'HTTP_PROXY', in: MODES, why: 'dropped: CGI programs take it for their own proxy (httpoxy)' },
  { key: 'HTTP_X_UNDER', in: ['http', 'http-socket'], why: 'dropped: it would pass for X-Under; nginx drops it as well' },
  { key: 'HTTP_COOKIE', in: ['http', 'http-socket'], why: 'cookies are joined by "; ", as RFC 6265 has it' },
  { key: 'HTTP_X_BLANK', in: ['http', 'http-socket'], why: 'blanks at the end of a value are no part of it (RFC 9110)' },
];

describe('environ', () => {
  for (const mode of MODES) {
    test(`is uWSGI's: ${mode}`, { skip: requires('uwsgi', 'uwsgi-plugin-python3', 'nginx-light') }, async (t) => {
      const { ours, theirs } = await startBoth(t, mode, 'environ.py');
      const seen = new Set<string>();
      for (const [what, bytes] of Object.entries(REQUESTS)) {
        const [mine, yours] = await Promise.all([environOf(ours, bytes), environOf(theirs, bytes)]);
        for (const key of differing(mine, yours)) {
          seen.add(key);
          const isKnown = ENVIRON_DIFFERENCES.some((one) => one.key === key && one.in.includes(mode));
          assert.ok(isKnown, `${what}: ${key} is ${JSON.stringify(mine[key])}, uWSGI has ${JSON.stringify(yours[key])}`);
        }
      }
      const stale = ENVIRON_DIFFERENCES.filter((one) => one.in.includes(mode) && !seen.has(one.key));
      assert.deepEqual(stale, [], 'every difference in the list is still there');
    });
  }

  test('values differ in text only where types agree', { skip: requires('uwsgi', 'uwsgi-plugin-python3') }, async (t) => {
    const { ours, theirs } = await startBoth(t, 'http-socket', 'environ.py');
    const bytes = REQUESTS['a body'] ?? '';
    const [mine, yours] = await Promise.all([environOf(ours, bytes), environOf(theirs, bytes)]);
    for (const [key, [type]] of Object.entries(yours)) {
      if (key !== 'wsgi.input' && key !== 'wsgi.file_wrapper') assert.equal(mine[key]?.[0], type, key);
    }
  });
});

/** Headers that only we send. */
const OUR_HEADERS: readonly Difference[] = [
  { key: 'date', in: ['http', 'http-socket'], why: 'RFC 9110 asks a server with a clock for it' },
  { key: 'connection', in: ['http', 'http-socket'], why: 'we keep connections, so the end of one is announced' },
  { key: 'transfer-encoding', in: ['http', 'http-socket'], why: 'so a client can tell the end of a body from a lost connection' },
  { key: 'content-length', in: ['http', 'http-socket'], why: 'of a body in one piece it is known (PEP 3333)' },
];

describe('responses', () => {
  const cases: readonly { app: string; paths: readonly string[] }[] = [
    { app: 'hello.py', paths: ['/'] },
    { app: 'headers.py', paths: ['/'] },
    { app: 'statuses.py', paths: ['/200', '/404', '/599'] },
    { app: 'download.py', paths: ['/?1'] },
    { app: 'write.py', paths: ['/'] },
    { app: 'flask-site.py', paths: ['/', '/nowhere', '/stream', '/teapot'] },
  ];
  for (const mode of MODES) {
    const skip = requires('uwsgi', 'uwsgi-plugin-python3', 'nginx-light', 'python3-flask');
    test(`are uWSGI's: ${mode}`, { skip }, async (t) => {
      const { ours, theirs } = await startBoth(t, mode, 'several.py');
      for (const { app, paths } of cases) {
        await t.test(app, async () => {
          for (const path of paths) {
            const bytes = `GET /${app}${path} HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\n\r\n`;
            const [mine, yours] = await Promise.all([ask(ours, bytes), ask(theirs, bytes)]);
            assert.deepEqual([mine.status, mine.reason, mine.version], [yours.status, yours.reason, yours.version]);
            assert.notEqual(yours.status, 500);
            assert.deepEqual(comparable(mine, yours, mode), comparable(yours, yours, mode));
            assert.ok(mine.body.equals(yours.body), 'the body');
          }
        });
      }
    });
  }
});

interface Both {
  readonly ours: Address;
  readonly theirs: Address;
}

const NGINX = {
  nginx: { option: 'socket', door: 'uwsgi', pass: uwsgiPass },
  'nginx fastcgi': {
    option: 'fastcgi-socket',
    door: 'fastcgi-socket',
    pass: (to: Address) => fastcgiPass(to, 'fastcgi_param PATH_INFO $document_uri;'),
  },
  'nginx scgi': { option: 'scgi-socket', door: 'scgi-socket', pass: (to: Address) => scgiPass(to, 'scgi_param PATH_INFO $document_uri;') },
} as const;

async function startBoth(t: TestContext, mode: Mode, app: string): Promise<Both> {
  const flags = `-M -p 2 --threads 2 --wsgi-file ${app}`;
  if (mode !== 'http' && mode !== 'http-socket') {
    const { option, door, pass } = NGINX[mode];
    const ours = await startServer(t, `--${option} 127.0.0.1:0 ${flags}`);
    const theirs = await startUwsgi(t, `--${option} 127.0.0.1:0 ${flags}`);
    const listen = async () => ({ host: '127.0.0.1', port: await freePort() });
    const front = async (address: Address) =>
      (await startNginx(t, { server: `root /srv; ${pass(address)}`, listen: await listen() })).address;
    return { ours: await front(ours.address(door)), theirs: await front(theirs.address) };
  }
  const ours = await startServer(t, `--${mode} 127.0.0.1:0 ${flags}`);
  const port = mode === 'http' ? await freePort() : 0;
  const theirs = await startUwsgi(t, `--${mode} 127.0.0.1:${String(port)} ${flags}`);
  return { ours: ours.address(mode), theirs: theirs.address };
}

type Environ = Readonly<Record<string, readonly [type: string, text: string]>>;

/** Which of the two threads answered is chance, so its number is taken away. */
async function environOf(address: Address, bytes: string): Promise<Environ> {
  const { 'uwsgi.core': core, ...environ } = JSON.parse((await ask(address, bytes)).text) as Environ;
  assert.match(core?.[1] ?? '', /^[01]$/);
  return { ...environ, 'uwsgi.core': [core?.[0] ?? '', '0 or 1'] };
}

async function ask(address: Address, bytes: string): Promise<HttpResponse> {
  const connection = await HttpConnection.open(address);
  connection.sendRaw(bytes, 'GET');
  try {
    return await connection.response();
  } catch (error) {
    throw new Error(`no answer from ${formatAddress(address)} to ${bytes}`, { cause: error });
  } finally {
    connection.close();
  }
}

function differing(mine: Environ, yours: Environ): string[] {
  const keys = new Set([...Object.keys(mine), ...Object.keys(yours)]);
  return [...keys].filter((key) => JSON.stringify(mine[key]) !== JSON.stringify(yours[key]));
}

/** Headers in order without those that only we send, and without nginx's clock. */
function comparable(response: HttpResponse, yours: HttpResponse, mode: Mode): readonly (readonly [string, string])[] {
  const ours = OUR_HEADERS.filter((one) => one.in.includes(mode) && yours.header(one.key) === undefined).map(({ key }) => key);
  return response.headers.filter(([name]) => !ours.includes(name.toLowerCase()) && !(BEHIND_NGINX.includes(mode) && name === 'Date'));
}
