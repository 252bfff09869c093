/** Files that are served without the application. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { ConnectionLost } from '../helpers/byte-stream.ts';
import { eventually } from '../helpers/eventually.ts';
import { exchange, fetchOnce, HttpConnection, type HttpRequest, type HttpResponse, parseResponse } from '../helpers/http.ts';
import { fastcgiPass, scgiPass, startNginx, uwsgiPass } from '../helpers/nginx.ts';
import { startUwsgi } from '../helpers/peers.ts';
import { rssKib } from '../helpers/processes.ts';
import { FIXTURES } from '../helpers/paths.ts';
import { requires } from '../helpers/requirements.ts';
import { onEnd, type Scope } from '../helpers/scope.ts';
import { runServer, type Server, startServer } from '../helpers/server.ts';
import { LETTERS, makeSite, MODIFIED, SECRET } from '../helpers/site.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiMessage } from '../helpers/uwsgi-client.ts';

const FLAGS = '-M --http-socket 127.0.0.1:0 --wsgi-file site.py';
const MIB = 2 ** 20;

interface Trick {
  readonly what: string;
  readonly target: string;
}

const TRICKS = JSON.parse(readFileSync(join(FIXTURES, 'static/traversal.json'), 'utf8')) as readonly Trick[];

describe('what is outside of the folder stays there', () => {
  test('whatever is sent over HTTP', async (t) => {
    const { dir, site } = makeSite(t);
    const server = await startServer(t, `${FLAGS} --static-map /s=${site} --static-index index.html --static-gzip-all`);
    for (const { what, target } of TRICKS) {
      await t.test(what, async () => {
        const path = target.replace('@ROOT@', dir.slice(1));
        const request = `GET ${path} HTTP/1.1\r\nHost: test.example\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`;
        keepsItsSecret(parseResponse(await exchange(server.address('http-socket'), request)));
      });
    }
  });

  test('whatever a web server hands on', async (t) => {
    const { dir, site } = makeSite(t);
    const server = await startServer(
      t,
      `-M -s 127.0.0.1:0 --wsgi-file site.py --static-map /s=${site} --static-index index.html --static-gzip-all`,
    );
    for (const { what, target } of TRICKS) {
      await t.test(what, async () => {
        const path = target.replace('@ROOT@', dir.slice(1)).replace(/[?#].*/, '');
        // Some decode twice on their way.
        for (const decode of [decoded, (text: string) => decoded(decoded(text))]) {
          const packet = uwsgiMessage('/', { vars: { PATH_INFO: decode(path), HTTP_ACCEPT_ENCODING: 'gzip' } });
          keepsItsSecret(parseResponse(await exchange(server.address('uwsgi'), packet)));
        }
      });
    }
  });

  test('but for what static-safe allows', async (t) => {
    const { dir, site } = makeSite(t);
    const server = await startServer(t, `${FLAGS} --static-map /s=${site} --static-safe ${dir}/elsewhere`);
    const address = server.address('http-socket');
    assert.equal((await fetchOnce(address, '/s/shared.txt')).text, 'shared');
    keepsItsSecret(await fetchOnce(address, '/s/out-file.txt'));
    assert.match(server.log, /\/secret\.txt is neither below \S+\/site nor in a folder of static-safe/);
  });

  test('also where the folder itself is reached by a link', async (t) => {
    const { dir } = makeSite(t);
    const server = await startServer(t, `${FLAGS} --static-map /s=${dir}/site/out-folder/site`);
    const address = server.address('http-socket');
    assert.equal((await fetchOnce(address, '/s/a.txt')).text, LETTERS);
    keepsItsSecret(await fetchOnce(address, '/s/out-file.txt'));
  });
});

/** The application has the request, or nobody. */
function keepsItsSecret({ status, text }: HttpResponse): void {
  assert.ok(!text.includes(SECRET), text);
  if (status === 404) assert.match(text, /^application /);
  else if (status === 200) assert.equal(text, 'no secret');
  else assert.equal(status, 400);
}

/** The bytes of the path as UTF-8, which the helper writes; what is no escape stays. */
function decoded(path: string): string {
  return Buffer.from(
    path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
}

/** What is asked for, and what comes: of both servers, but where `ours` says that we do otherwise. */
interface Case extends HttpRequest {
  readonly what: string;
  readonly path: string;
  readonly status: number;
  readonly body?: string;
  readonly fields?: Readonly<Record<string, string | undefined>>;
  /** Why uWSGI answers otherwise. */
  readonly unlike?: string;
}

const APPLICATION = (path: string) => ({ status: 404, body: `application ${path}` });
const CASES: readonly { readonly options: string; readonly cases: readonly Case[] }[] = [
  {
    options: '--static-map /s=@SITE@ --static-index index.htm --static-index index.html --honour-range',
    cases: [
      { what: 'a file', path: '/s/a.txt', status: 200, body: LETTERS, fields: { 'content-type': 'text/plain', 'last-modified': MODIFIED } },
      { what: 'a file with a query', path: '/s/a.txt?v=1', status: 200, body: LETTERS },
      { what: 'a file in a folder', path: '/s/sub/style.css', status: 200, body: 'body{}', fields: { 'content-type': 'text/css' } },
      { what: 'a file of no ending', path: '/s/noext', status: 200, body: 'no ending', fields: { 'content-type': undefined } },
      { what: 'an empty file', path: '/s/empty.txt', status: 200, body: '', fields: { 'content-length': '0' } },
      { what: 'a file with letters beyond ASCII', path: '/s/caf%C3%A9/men%C3%BC.txt', status: 200, body: 'coffee' },
      { what: 'a link to a file', path: '/s/in.txt', status: 200, body: LETTERS },
      { what: 'a folder with an index', path: '/s/sub/', status: 200, body: '<h1>index</h1>', fields: { 'content-type': 'text/html' } },
      { what: 'a folder with an index, without its slash', path: '/s/sub', status: 200, body: '<h1>index</h1>' },
      { what: 'a folder without an index', path: '/s/sub/deep/', ...APPLICATION('/s/sub/deep/') },
      { what: 'a file that is not there', path: '/s/nothing.txt', ...APPLICATION('/s/nothing.txt') },
      { what: 'a file with a slash behind', path: '/s/a.txt/', ...APPLICATION('/s/a.txt/') },
      { what: 'doubled slashes', path: '/s//a.txt', status: 200, body: LETTERS },
      { what: 'dot segments that stay inside', path: '/s/sub/../a.txt', status: 200, body: LETTERS },
      { what: 'HEAD', method: 'HEAD', path: '/s/a.txt', status: 200, body: '', fields: { 'content-length': '31' } },
      { what: 'POST', method: 'POST', path: '/s/a.txt', ...APPLICATION('/s/a.txt') },
      { what: 'another path', path: '/other', ...APPLICATION('/other') },
      { what: 'a state that the client has', path: '/s/a.txt', headers: { 'If-Modified-Since': MODIFIED }, status: 304, body: '' },
      { what: 'a state that it has not', path: '/s/a.txt', headers: { 'If-Modified-Since': 'Tue, 14 Nov 2023 22:13:19 GMT' }, status: 200 },
      { what: 'a date that is none', path: '/s/a.txt', headers: { 'If-Modified-Since': 'garbage' }, status: 200, body: LETTERS },
      {
        what: 'a part',
        path: '/s/a.txt',
        headers: { Range: 'bytes=0-4' },
        status: 206,
        body: '01234',
        fields: { 'content-range': 'bytes 0-4/31' },
      },
      { what: 'the end', path: '/s/a.txt', headers: { Range: 'bytes=-5' }, status: 206, body: '6789\n' },
      {
        what: 'a part that is not there',
        path: '/s/a.txt',
        headers: { Range: 'bytes=31-' },
        status: 416,
        fields: { 'content-range': 'bytes */31' },
      },
      // From here on we differ.
      { what: 'a prefix within a segment', path: '/sa.txt', ...APPLICATION('/sa.txt'), unlike: 'it compares characters' },
      {
        what: 'an ending in capitals',
        path: '/s/UPPER.CSS',
        status: 200,
        fields: { 'content-type': 'text/css' },
        unlike: 'it has no type for it',
      },
      {
        what: 'the end of more than there is',
        path: '/s/a.txt',
        headers: { Range: 'bytes=-100' },
        status: 206,
        body: LETTERS,
        unlike: 'it sends nothing at all',
      },
      {
        what: 'several parts',
        path: '/s/a.txt',
        headers: { Range: 'bytes=0-0,5-5' },
        status: 206,
        fields: { 'content-range': undefined },
        unlike: 'it sends the first',
      },
      {
        what: 'a range that makes no sense',
        path: '/s/a.txt',
        headers: { Range: 'bytes=4-0' },
        status: 200,
        body: LETTERS,
        unlike: 'it answers 416',
      },
      {
        what: 'a part for a HEAD',
        method: 'HEAD',
        path: '/s/a.txt',
        headers: { Range: 'bytes=0-4' },
        status: 200,
        unlike: 'it answers 206',
      },
      {
        what: 'a part of another state',
        path: '/s/a.txt',
        headers: { Range: 'bytes=0-4', 'If-Range': 'Tue, 14 Nov 2023 22:13:19 GMT' },
        status: 200,
        unlike: 'it answers 206',
      },
      {
        what: 'a date in the old form',
        path: '/s/a.txt',
        headers: { 'If-Modified-Since': 'Tuesday, 14-Nov-23 22:13:20 GMT' },
        status: 304,
        unlike: 'it knows one form',
      },
      { what: 'a condition that fails', path: '/s/a.txt', headers: { 'If-Match': '"x"' }, status: 412, unlike: 'it has no entity tags' },
    ],
  },
  {
    options: '--check-static @SITE@ --static-skip-ext .css --static-index index.html',
    cases: [
      { what: 'a file at its own path', path: '/a.txt', status: 200, body: LETTERS },
      { what: "an ending that is the application's", path: '/sub/style.css', ...APPLICATION('/sub/style.css') },
      { what: 'a folder with an index', path: '/sub/', status: 200, body: '<h1>index</h1>' },
      { what: 'the root without an index', path: '/', ...APPLICATION('/') },
      { what: 'a file that is not there', path: '/nothing', ...APPLICATION('/nothing') },
    ],
  },
  {
    options: '--static-map2 /sub=@SITE@ --static-map /fav=@SITE@/a.txt --static-map /sub=@SITE@/nothing --static-map /sub=@SITE@/sub/deep',
    cases: [
      { what: 'a prefix that is a part of the path in the folder', path: '/sub/style.css', status: 200, body: 'body{}' },
      { what: 'the second of two folders at a prefix', path: '/sub/page.html', status: 200, body: 'page' },
      { what: 'a single file', path: '/fav', status: 200, body: LETTERS, fields: { 'content-type': 'text/plain' } },
      { what: 'below a single file', path: '/fav/x', ...APPLICATION('/fav/x'), unlike: 'it sends the file' },
    ],
  },
  {
    options: '--static-map /s=@SITE@ --static-gzip-all',
    cases: [
      {
        what: 'a twin',
        path: '/s/a.txt',
        headers: { 'Accept-Encoding': 'deflate, gzip' },
        status: 200,
        body: 'as if compressed',
        fields: { 'content-encoding': 'gzip', 'content-type': 'text/plain' },
      },
      { what: 'no twin for who does not take it', path: '/s/a.txt', status: 200, body: LETTERS, fields: { 'content-encoding': undefined } },
      { what: 'a file without a twin', path: '/s/sub/style.css', headers: { 'Accept-Encoding': 'gzip' }, status: 200, body: 'body{}' },
      {
        what: 'a twin that is ruled out',
        path: '/s/a.txt',
        headers: { 'Accept-Encoding': 'gzip;q=0' },
        status: 200,
        body: LETTERS,
        unlike: 'it looks for the word',
      },
    ],
  },
  {
    options: '--static-map /s=@SITE@ --static-gzip a[.]txt$',
    cases: [
      { what: 'a twin by expression', path: '/s/a.txt', headers: { 'Accept-Encoding': 'gzip' }, status: 200, body: 'as if compressed' },
    ],
  },
  {
    options: '--static-map /s=@SITE@ --static-gzip-dir @SITE@',
    cases: [{ what: 'a twin by folder', path: '/s/a.txt', headers: { 'Accept-Encoding': 'gzip' }, status: 200, body: 'as if compressed' }],
  },
  {
    options: '--static-map /s=@SITE@ --static-gzip-ext txt',
    cases: [
      { what: 'a twin by ending', path: '/s/a.txt', headers: { 'Accept-Encoding': 'gzip' }, status: 200, body: 'as if compressed' },
      { what: 'no twin for another ending', path: '/s/noext', headers: { 'Accept-Encoding': 'gzip' }, status: 200, body: 'no ending' },
    ],
  },
  {
    options: '--static-map /s=@SITE@ --file-serve-mode x-sendfile',
    cases: [{ what: 'a path for the server in front', path: '/s/a.txt', status: 200, body: '', fields: { 'x-sendfile': '@SITE@/a.txt' } }],
  },
];

describe('files are served', () => {
  for (const { options, cases } of CASES) {
    test(options, async (t) => {
      const { site } = makeSite(t);
      const server = await startServer(t, `${FLAGS} ${options.replaceAll('@SITE@', site)}`);
      for (const one of cases) await t.test(one.what, async () => check(one, await ask(server.address('http-socket'), one), site));
    });
  }

  for (const { options, cases } of CASES) {
    test(`as by uWSGI: ${options}`, { skip: requires('uwsgi', 'uwsgi-plugin-python3') }, async (t) => {
      const { site } = makeSite(t);
      const uwsgi = await startUwsgi(t, `${FLAGS} ${options.replaceAll('@SITE@', site)}`);
      for (const one of cases) {
        await t.test(one.what, async () => {
          const isAlike = await ask(uwsgi.address, one).then(
            (response) => isAsExpected(one, response, site),
            () => false,
          );
          assert.equal(isAlike, one.unlike === undefined, one.unlike ?? 'as we do');
        });
      }
    });
  }
});

function ask(address: Address, { path, method, headers }: Case): Promise<HttpResponse> {
  return fetchOnce(address, path, { ...(method === undefined ? {} : { method }), ...(headers === undefined ? {} : { headers }) });
}

function check({ status, body, fields = {} }: Case, response: HttpResponse, site: string): void {
  assert.equal(response.status, status, response.head);
  if (body !== undefined) assert.equal(response.text, body);
  for (const [name, value] of Object.entries(fields)) assert.equal(response.header(name), value?.replace('@SITE@', site), name);
}

function isAsExpected(one: Case, response: HttpResponse, site: string): boolean {
  try {
    check(one, response, site);
    return true;
  } catch (error) {
    if (error instanceof assert.AssertionError) return false;
    throw error;
  }
}

describe('over every protocol', () => {
  const OPTIONS = {
    'nginx, uwsgi_pass': { option: 'socket', door: 'uwsgi', pass: uwsgiPass },
    'nginx, fastcgi_pass': {
      option: 'fastcgi-socket',
      door: 'fastcgi-socket',
      pass: (to: Address) => fastcgiPass(to, 'fastcgi_param PATH_INFO $document_uri;'),
    },
    'nginx, scgi_pass': {
      option: 'scgi-socket',
      door: 'scgi-socket',
      pass: (to: Address) => scgiPass(to, 'scgi_param PATH_INFO $document_uri;'),
    },
  } as const;
  for (const [what, { option, door, pass }] of Object.entries(OPTIONS)) {
    test(what, { skip: requires('nginx-light') }, async (t) => {
      const { site } = makeSite(t);
      const size = 3 * MIB + 1;
      writeFileSync(join(site, 'large.bin'), bytesOf(size));
      const server = await startServer(t, `-M --${option} 127.0.0.1:0 --wsgi-file site.py --static-map /s=${site} --static-gzip-all`);
      const { address } = await startNginx(t, { server: pass(server.address(door)) });
      const large = await fetchOnce(address, '/s/large.bin');
      assert.deepEqual([large.status, large.body.equals(bytesOf(size))], [200, true]);
      const part = await fetchOnce(address, '/s/large.bin', { headers: { Range: `bytes=${2 * MIB}-` } });
      assert.deepEqual([part.status, part.body.equals(bytesOf(size).subarray(2 * MIB))], [206, true]);
      const head = await fetchOnce(address, '/s/large.bin', { method: 'HEAD' });
      assert.deepEqual([head.status, head.header('content-length')], [200, String(size)]);
      const same = await fetchOnce(address, '/s/large.bin', { headers: { 'If-None-Match': head.header('etag') ?? '' } });
      assert.equal(same.status, 304);
      assert.equal((await fetchOnce(address, '/other')).text, 'application /other');
      keepsItsSecret(await fetchOnce(address, '/s/out-file.txt'));
    });
  }

  test('a web server in front sends the file itself where it is told to', { skip: requires('nginx-light') }, async (t) => {
    const { site } = makeSite(t);
    const server = await startServer(t, `-M -s 127.0.0.1:0 --wsgi-file site.py --static-map /s=${site} --file-serve-mode nginx`);
    const { address } = await startNginx(t, {
      server: `${uwsgiPass(server.address('uwsgi'))} location ${site}/ { internal; root /; add_header X-By nginx; }`,
    });
    const { status, text, header } = await fetchOnce(address, '/s/a.txt');
    assert.deepEqual([status, text, header('x-by')], [200, LETTERS, 'nginx']);
  });

  test('the folder that the web server in front names', async (t) => {
    const { site } = makeSite(t);
    const server = await startServer(t, '-M -s 127.0.0.1:0 --wsgi-file site.py --check-static-docroot');
    const packet = (root: string) => uwsgiMessage('/a.txt', { vars: { DOCUMENT_ROOT: root } });
    const address = server.address('uwsgi');
    assert.equal(parseResponse(await exchange(address, packet(site))).text, LETTERS);
    assert.equal(parseResponse(await exchange(address, packet(`${site}-old`))).text, 'application /a.txt');
    assert.equal(parseResponse(await exchange(address, packet('site'))).text, 'application /a.txt');
  });
});

describe('a client', () => {
  test('keeps its connection, and may send several requests at once', async (t) => {
    const { site } = makeSite(t);
    const server = await startServer(t, `${FLAGS} --static-map /s=${site}`);
    const client = await connect(t, server);
    for (const path of ['/s/a.txt', '/one', '/s/sub/style.css', '/s/nothing']) client.send(path);
    const answers = [await client.response(), await client.response(), await client.response(), await client.response()];
    assert.deepEqual(
      answers.map(({ text }) => text),
      [LETTERS, 'application /one', 'body{}', 'application /s/nothing'],
    );
  });

  test('that says no more after its request has its file', async (t) => {
    const { site } = makeSite(t);
    const server = await startServer(t, `${FLAGS} --static-map /s=${site}`);
    const client = await connect(t, server);
    client.send('/s/a.txt');
    client.stream.finish();
    assert.equal((await client.response()).text, LETTERS);
  });

  test('that reads slowly costs no memory, and keeps nobody from the application', async (t) => {
    const { site } = makeSite(t);
    const size = 300 * MIB;
    writeFileSync(join(site, 'large.bin'), '');
    truncateSync(join(site, 'large.bin'), size);
    const server = await startServer(t, `${FLAGS} -p 1 --static-map /s=${site}`);
    const gateway = gatewayPid(server);
    await fetchOnce(server.address('http-socket'), '/s/a.txt');
    const before = rssKib(gateway);
    const readers = 32;
    const clients = await Promise.all(Array.from({ length: readers }, () => connect(t, server)));
    for (const client of clients) {
      client.send('/s/large.bin');
      assert.equal((await client.responseHead()).status, 200);
    }
    assert.equal((await fetchOnce(server.address('http-socket'), '/other')).status, 404);
    let left = size;
    for (; left > 0; left -= MIB) await clients[0]?.stream.readExactly(Math.min(left, MIB));
    const growth = (rssKib(gateway) - before) / 1024;
    assert.ok(growth < readers, `${growth.toFixed(1)} MiB more: above 1 MiB for each that does not read`);
  });

  test('that leaves in the middle leaves no open file behind', async (t) => {
    const { site } = makeSite(t);
    writeFileSync(join(site, 'large.bin'), bytesOf(20 * MIB));
    const server = await startServer(t, `${FLAGS} --static-map /s=${site}`);
    for (let round = 0; round < 5; round++) {
      const client = await connect(t, server);
      client.send('/s/large.bin');
      await client.responseHead();
      assert.equal(openFiles(server, site), 1, 'while it is sent');
      client.close();
      await eventually('the file is closed', () => openFiles(server, site) === 0);
    }
    assert.match(server.log, /GET \/s\/large\.bin => generated \d+ bytes in \d+ msecs via sendfile\(\) \(HTTP\/1\.1 200\)/);
  });

  test('has no open file behind it after answers of all kinds', async (t) => {
    const { site } = makeSite(t);
    const server = await startServer(t, `${FLAGS} --static-map /s=${site} --static-gzip-all --static-index index.html`);
    const client = await connect(t, server);
    for (const path of ['/s/a.txt', '/s/', '/s/sub/', '/s/out-file.txt', '/s/out-index/', '/s/nothing', '/s/noext/']) {
      for (const headers of [
        {},
        { 'Accept-Encoding': 'gzip' },
        { 'If-Modified-Since': MODIFIED },
        { Range: 'bytes=99-' },
        { 'If-Match': '"x"' },
      ]) {
        await client.request(path, { headers });
        await client.request(path, { headers, method: 'HEAD' });
        await eventually('nothing is open', () => openFiles(server, site) === 0);
      }
    }
    // Node closes what was forgotten, some day, and says so.
    assert.doesNotMatch(server.log, /garbage collection/);
  });
});

describe('a file that changes while it is sent', () => {
  test('is sent as it was, when another takes its name', async (t) => {
    const { site } = makeSite(t);
    const path = join(site, 'large.bin');
    const old = bytesOf(20 * MIB);
    writeFileSync(path, old);
    const server = await startServer(t, `${FLAGS} --static-map /s=${site}`);
    const client = await connect(t, server);
    client.send('/s/large.bin');
    await client.responseHead();
    writeFileSync(`${path}.new`, 'new');
    renameSync(`${path}.new`, path);
    assert.ok((await client.stream.readExactly(old.length)).equals(old));
    assert.equal((await client.request('/s/large.bin')).text, 'new');
  });

  test('ends the connection when it becomes shorter, so that nobody waits for the rest', async (t) => {
    const { site } = makeSite(t);
    const path = join(site, 'large.bin');
    writeFileSync(path, bytesOf(20 * MIB));
    const server = await startServer(t, `${FLAGS} --static-map /s=${site}`);
    const client = await connect(t, server);
    client.send('/s/large.bin');
    await client.responseHead();
    truncateSync(path, 1);
    await assert.rejects(client.stream.readExactly(20 * MIB), ConnectionLost);
    await server.line(/large\.bin: became shorter while it was sent/);
    await eventually('the file is closed', () => openFiles(server, site) === 0);
  });
});

describe('the server', () => {
  test(
    'writes the line of uWSGI about a file, and none where none is wanted',
    { skip: requires('uwsgi', 'uwsgi-plugin-python3') },
    async (t) => {
      const { site } = makeSite(t);
      const ours = await startServer(t, `${FLAGS} --static-map /s=${site}`);
      const theirs = await startUwsgi(t, `${FLAGS} --static-map /s=${site}`);
      for (const [path, headers] of [
        ['/s/a.txt', {}],
        ['/s/empty.txt', {}],
        ['/s/a.txt', { 'If-Modified-Since': MODIFIED }],
      ] as const) {
        for (const address of [ours.address('http-socket'), theirs.address]) await fetchOnce(address, path, { headers });
      }
      const lines = (log: string) => log.split('\n').filter((line) => line.includes(' GET /s/'));
      // Our responses have more fields, and our requests are as they came.
      const shape = (line: string) =>
        line
          .replace(/pid: \d+/, 'pid')
          .replace(/\{.*\] GET/, 'GET')
          .replace(/in \d+ msecs/, 'in N msecs')
          .replace(/ \d+ headers in \d+ bytes/, '');
      await eventually('all lines', () => lines(ours.log).length === 3 && lines(theirs.log).length === 3);
      assert.deepEqual(lines(ours.log).map(shape), lines(theirs.log).map(shape));

      const quiet = await startServer(t, `${FLAGS} --static-map /s=${site} --disable-logging`);
      await fetchOnce(quiet.address('http-socket'), '/s/a.txt');
      await quiet.stop('SIGTERM');
      assert.deepEqual(lines(quiet.log), []);
    },
  );

  test('serves other files after a reload that says so', async (t) => {
    const { site } = makeSite(t);
    const config = join(tempDir(t), 'app.ini');
    const write = (at: string) => writeFileSync(config, `[uwsgi]\nhttp-socket=127.0.0.1:0\nmaster=1\nwsgi-file=site.py\n${at}\n`);
    write(`static-map=/one=${site}`);
    const server = await startServer(t, config);
    const address = server.address('http-socket');
    assert.equal((await fetchOnce(address, '/one/a.txt')).text, LETTERS);
    write(`static-map=/two=${site}`);
    server.signal('SIGHUP');
    await eventually('the new folder', async () => (await fetchOnce(address, '/two/a.txt')).text === LETTERS, 20_000);
    assert.equal((await fetchOnce(address, '/one/a.txt')).text, 'application /one/a.txt');
  });

  test('finishes files that are on their way when it is told to stop', async (t) => {
    const { site } = makeSite(t);
    const size = 20 * MIB;
    writeFileSync(join(site, 'large.bin'), bytesOf(size));
    const server = await startServer(t, `${FLAGS} --static-map /s=${site}`);
    const client = await connect(t, server);
    client.send('/s/large.bin');
    await client.responseHead();
    server.signal('SIGTERM');
    await server.line(/SIGTERM: stopping/);
    assert.ok((await client.stream.readExactly(size)).equals(bytesOf(size)));
    assert.equal((await server.ended).status, 0);
  });

  for (const { option, message } of [
    {
      option: 'static-map=nope',
      message: /"static-map" takes a path of the site and a folder, such as \/static=\/srv\/site\/static, not "nope"/,
    },
    { option: 'static-expires=( 60', message: /"static-expires" takes a regular expression \(Invalid regular expression/ },
    { option: 'static-expires=.css', message: /"static-expires" takes a regular expression, a blank and a number of seconds/ },
    { option: 'static-expires-type=text/css', message: /"static-expires-type" takes a content type and a number of seconds/ },
    { option: 'file-serve-mode=apache', message: /"file-serve-mode" takes one of send, nginx/ },
  ]) {
    test(`refuses ${option}`, async (t) => {
      const { status, output } = await runServer(t, ['--http-socket', '127.0.0.1:0', '--wsgi-file', 'site.py', `--${option}`]);
      assert.equal(status, 1);
      assert.match(output, message);
    });
  }
});

async function connect(scope: Scope, server: Server): Promise<HttpConnection> {
  const client = await HttpConnection.open(server.address('http-socket'));
  onEnd(scope, () => client.close());
  return client;
}

function bytesOf(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(at, at);
  return bytes;
}

function gatewayPid(server: Server): number {
  return Number(server.lines(/gateway \(pid (\d+)\) listening/)[0]?.[1]);
}

/** How many files below this folder the gateway has open. */
function openFiles(server: Server, folder: string): number {
  const descriptors = `/proc/${gatewayPid(server)}/fd`;
  return readdirSync(descriptors).filter((fd) => {
    try {
      return readlinkSync(join(descriptors, fd)).startsWith(folder);
    } catch {
      // Closed between two looks.
      return false;
    }
  }).length;
}
