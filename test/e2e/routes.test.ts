/** Rules for requests and responses, in the running server. What they share with uWSGI is in routes-oracle.test.ts. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { exchange, fetchOnce, HttpConnection } from '../helpers/http.ts';
import { fastcgiPass, scgiPass, startNginx, uwsgiPass } from '../helpers/nginx.ts';
import { requires } from '../helpers/requirements.ts';
import { runServer, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

const APP = ['--wsgi-file', 'routes.py'];
const HTTP = ['--http-socket', '127.0.0.1:0', ...APP];

function login(name: string, password: string): { headers: Record<string, string> } {
  return { headers: { Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` } };
}

describe('behind a web server', () => {
  const fronts = [
    { option: 'socket', door: 'uwsgi', pass: uwsgiPass },
    { option: 'fastcgi-socket', door: 'fastcgi-socket', pass: (to: Address) => fastcgiPass(to, 'fastcgi_param PATH_INFO $document_uri;') },
    { option: 'scgi-socket', door: 'scgi-socket', pass: (to: Address) => scgiPass(to, 'scgi_param PATH_INFO $document_uri;') },
  ] as const;
  for (const { option, door, pass } of fronts) {
    test(`rules are followed: ${option}`, { skip: requires('nginx-light') }, async (t) => {
      const dir = tempDir(t, { 'large.bin': 'x'.repeat(3_000_000) });
      const server = await startServer(t, [
        ...[`--${option}`, '127.0.0.1:0', ...APP],
        ...['--route', '^/old redirect-301:https://${HTTP_HOST}/new'],
        ...['--route', '^/secret basicauth:Members,foo:bar'],
        ...['--route', '^/cut break:'],
        ...['--collect-header', 'X-Sendfile X_SENDFILE', '--response-route-if-not', 'empty:${X_SENDFILE} static:${X_SENDFILE}'],
        ...['--add-header', 'X-Frame-Options: DENY'],
      ]);
      const { address } = await startNginx(t, { server: pass(server.address(door)) });
      const moved = await fetchOnce(address, '/old');
      assert.deepEqual(
        [moved.status, moved.header('location'), moved.header('x-frame-options')],
        [301, 'https://test.example/new', 'DENY'],
      );
      assert.equal((await fetchOnce(address, '/secret')).status, 401);
      assert.match((await fetchOnce(address, '/secret', login('foo', 'bar'))).text, /^REMOTE_USER=foo$/m);
      assert.equal((await fetchOnce(address, '/cut')).status, 502);
      const sent = await fetchOnce(address, `/~file=${join(dir, 'large.bin')}`);
      assert.deepEqual([sent.status, sent.body.length, sent.header('x-sendfile')], [200, 3_000_000, undefined]);
      const started = await fetchOnce(address, `/~file=${join(dir, 'large.bin')}`, { headers: { Range: 'bytes=5-9' } });
      assert.deepEqual([started.status, started.text], [206, 'xxxxx']);
    });
  }

  test('a uwsgi socket without rules stays the door of the workers, which add headers themselves', async (t) => {
    const server = await startServer(t, ['--socket', '127.0.0.1:0', ...HTTP, '--add-header', 'X-Free: ü', '--del-header', 'X-One']);
    const direct = await uwsgiRequest(server.address('uwsgi'), '/~headers');
    const byGateway = await fetchOnce(server.address('http-socket'), '/~headers');
    assert.equal(
      direct.head.replace(/^HTTP\/1.1 /, ''),
      '200 OK\r\nContent-Type: text/plain\r\nX-Two: 2\r\nX-Two: zwei\r\nContent-Length: 2\r\nX-Free: Ã¼',
    );
    assert.ok(byGateway.head.startsWith(direct.head), byGateway.head);
  });
});

describe('answers', () => {
  test('keep the connection, also when the request has a body', async (t) => {
    const server = await startServer(t, [...HTTP, '--route', '^/a redirect:/b', '--route', '^/n return:404']);
    const client = await HttpConnection.open(server.address('http-socket'));
    t.after(() => client.close());
    for (const [path, status] of [
      ['/a', 302],
      ['/n', 404],
      ['/x', 200],
      ['/a', 302],
    ] as const)
      assert.equal((await client.request(path, { method: 'POST', body: 'some body' })).status, status);
  });

  test('have a line in the log, as those of the workers have', async (t) => {
    const server = await startServer(t, [
      ...HTTP,
      ...[
        '--route',
        '^/a redirect:/b',
        '--route',
        '^/quiet donotlog:',
        '--route',
        '^/quiet/a return:404',
        '--route-run',
        'log:seen ${PATH_INFO}',
      ],
    ]);
    const address = server.address('http-socket');
    for (const path of ['/a', '/quiet/a', '/quiet/b', '/c']) await fetchOnce(address, path);
    await server.line(/GET \/c => generated/);
    assert.match(
      server.log,
      /\[pid: \d+\|app: -1\|req: -1\/1\] 127\.0\.0\.1 \(\) \{22 vars in \d+ bytes\} \[.*\] GET \/a => generated 5 bytes in \d+ msecs \(HTTP\/1\.1 302\) 1 headers in 36 bytes \(0 switches on core 0\)/,
    );
    assert.doesNotMatch(server.log, /GET \/quiet/);
    assert.match(server.log, /^seen \/quiet\/b$/m);
    assert.match(server.log, /^seen \/c$/m);
  });

  test('break without a status ends the connection without a byte', async (t) => {
    const server = await startServer(t, [...HTTP, '--route', '^/a break:']);
    assert.equal((await exchange(server.address('http-socket'), 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n')).length, 0);
    assert.equal((await fetchOnce(server.address('http-socket'), '/b')).status, 200);
  });

  test('a missing file is a 404, and one that is there can be asked for in parts and by its state', async (t) => {
    const dir = tempDir(t, { 'f.txt': 'some text' });
    const server = await startServer(t, [
      ...HTTP,
      ...['--route', '^/f static:' + join(dir, 'f.txt'), '--route', '^/m static:/nowhere', '--add-header', 'X-A: 1'],
    ]);
    const address = server.address('http-socket');
    const missing = await fetchOnce(address, '/m');
    assert.deepEqual([missing.status, missing.header('x-a')], [404, '1']);
    assert.equal((await fetchOnce(address, '/f', { headers: { Range: 'bytes=5-' } })).text, 'text');
    const tag = (await fetchOnce(address, '/f')).header('etag') ?? '';
    assert.equal((await fetchOnce(address, '/f', { headers: { 'If-None-Match': tag } })).status, 304);
  });

  test('what a request brings cannot make a header', async (t) => {
    const server = await startServer(t, [
      ...HTTP,
      ...['--route', '(?s)^/r(.*) redirect:/$1', '--route', '(?s)^/h(.*) addheader:X-Path: $1'],
    ]);
    const address = server.address('http-socket');
    assert.equal((await fetchOnce(address, '/r%0d%0aSet-Cookie:%20a=1')).header('location'), '/%0D%0ASet-Cookie:%20a=1');
    const added = await fetchOnce(address, '/h%0d%0aSet-Cookie:%20a=1');
    assert.deepEqual([added.header('x-path'), added.header('set-cookie')], ['Set-Cookie: a=1', undefined]);
  });
});

test("pages of the server's own are those of error-page-404 and error-page-500, the first that is there", async (t) => {
  const dir = tempDir(t, { '404.html': '<h1>lost</h1>', '500.html': '<h1>broken</h1>' });
  const server = await startServer(t, [
    ...HTTP,
    ...['--error-page-404', join(dir, 'none.html'), '--error-page-404', join(dir, '404.html'), '--error-page-500', join(dir, '500.html')],
    ...['--route', '^/missing static:/nowhere', '--route', '^/said return:404', '--add-header', 'X-A: 1'],
  ]);
  const ask = async (path: string) => {
    const { status, text, header } = await fetchOnce(server.address('http-socket'), path);
    return [status, text, header('content-type'), header('x-a')];
  };
  assert.deepEqual(await ask('/missing'), [404, '<h1>lost</h1>', 'text/html', '1']);
  assert.deepEqual(await ask('/~error'), [500, '<h1>broken</h1>', 'text/html', '1']);
  // What rules and applications say stays.
  assert.deepEqual(await ask('/said'), [404, 'Not Found', 'text/plain', '1']);
  assert.deepEqual(await ask('/~404'), [404, 'no', 'text/plain', '1']);
});

for (const master of ['', '-M']) {
  test(`an expression that a request was made for holds up nobody ${master}`, async (t) => {
    const rules = ['--route', '^/((a+)+)$ return:404', '--route-if', 'regexp:${QUERY_STRING};^(?:[a-z]+-?)+$ return:403'];
    const server = await startServer(t, [...`--http-socket 127.0.0.1:0 --wsgi-file hello.py ${master}`.trim().split(' '), ...rules]);
    const address = server.address('http-socket');
    const much = 'a'.repeat(100);
    assert.equal((await fetchOnce(address, `/${much}!?${much}!`)).status, 200);
    assert.equal((await fetchOnce(address, `/${much}`)).status, 404);
    assert.equal((await fetchOnce(address, `/?${much}`)).status, 403);
  });
}

describe('basicauth', () => {
  test('reads the forms of htpasswd that it can check, names the lines that it cannot, and sees when the file changes', async (t) => {
    const sha = `{SHA}${createHash('sha1').update('geheim').digest('base64')}`;
    // htpasswd -m, that is: openssl passwd -apr1 -salt abcdefgh open
    const apr1 = '$apr1$abcdefgh$M6iygawm05mFb0y4lNi270';
    const dir = tempDir(t, { users: `# who may enter\nsha:${sha}\napr:${apr1}\nold:$2y$05$abcdefghijklmnopqrstuv\n` });
    const path = join(dir, 'users');
    const server = await startServer(t, [...HTTP, '--route-run', `basicauth:Members,${path}`]);
    const ask = async (name: string, password: string) =>
      (await fetchOnce(server.address('http-socket'), '/x', login(name, password))).status;
    assert.deepEqual([await ask('sha', 'geheim'), await ask('sha', 'wrong'), await ask('sha', '')], [200, 401, 401]);
    assert.deepEqual([await ask('apr', 'open'), await ask('apr', 'open'), await ask('apr', 'Open')], [200, 200, 401]);
    assert.deepEqual([await ask('old', 'x'), await ask('', ''), await ask('nobody', 'geheim')], [401, 401, 401]);
    assert.equal(server.lines(/users:4: this user cannot enter: its password is in bcrypt/).length, 1);
    appendFileSync(path, `new:${sha}\n`);
    assert.equal(await ask('new', 'geheim'), 200);
  });
});

describe('responses', () => {
  for (const buffering of ['true', 'false']) {
    test(`a file takes the place of one that is still being made, and its worker goes on: request-buffering = ${buffering}`, async (t) => {
      const dir = tempDir(t, { 'f.txt': 'the file' });
      const server = await startServer(t, [
        ...[...HTTP, `--request-buffering=${buffering}`],
        ...['--collect-header', 'X-Sendfile X_SENDFILE', '--response-route-if-not', 'empty:${X_SENDFILE} static:${X_SENDFILE}'],
      ]);
      const address = server.address('http-socket');
      const streamed = `/~stream=${join(dir, 'f.txt')}`;
      assert.equal((await fetchOnce(address, streamed)).text, 'the file');
      assert.equal((await fetchOnce(address, streamed, { method: 'POST', body: 'x'.repeat(2_000_000) })).text, 'the file');
      assert.equal((await fetchOnce(address, '/x')).status, 200);
      if (buffering === 'true') return;
      const client = await HttpConnection.open(address);
      t.after(() => client.close());
      // More of a body is promised than comes; the answer does not wait for it, nor does the worker.
      client.sendRaw(`POST ${streamed} HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n${'x'.repeat(200_000)}`, 'POST');
      assert.equal((await client.response()).text, 'the file');
      client.close();
      assert.equal((await fetchOnce(address, '/x')).status, 200);
    });
  }

  test('final rules come when the client has its response', async (t) => {
    const server = await startServer(t, [
      ...HTTP,
      ...[
        '--route',
        '^/a return:403',
        '--final-route-run',
        'log:ended ${PATH_INFO} ${uwsgi[status]}',
        '--final-route-status',
        '404 log:four',
      ],
    ]);
    for (const path of ['/a', '/~404', '/x']) await fetchOnce(server.address('http-socket'), path);
    await server.line(/^ended \/x 200$/);
    const seen = server.lines(/^(?:ended .*|four)$/).map(([line]) => line);
    assert.deepEqual(seen, ['ended /a 403', 'ended /~404 404', 'four', 'ended /x 200']);
  });
});

test('rules come before static files, which are those of the path as it was sent, as in uWSGI', async (t) => {
  const dir = tempDir(t, { 'here.txt': 'here', 'there.txt': 'there' });
  const server = await startServer(t, [
    ...HTTP,
    ...['--static-map', `/s=${dir}`, '--route', '^/s/here basicauth:R,foo:bar', '--route', '^/(s|r) rewrite:/s/there.txt'],
    ...['--route', '^/s addheader:X-Rule: 1', '--response-route-run', 'addheader:X-All: 1'],
  ]);
  const address = server.address('http-socket');
  assert.equal((await fetchOnce(address, '/s/here.txt')).status, 401);
  const here = await fetchOnce(address, '/s/here.txt', login('foo', 'bar'));
  assert.deepEqual([here.status, here.text, here.header('x-rule'), here.header('x-all')], [200, 'here', '1', '1']);
  for (const path of ['/r', '/s/missing.txt']) assert.match((await fetchOnce(address, path)).text, /^PATH_INFO=\/s\/there.txt$/m);
});

describe('a config file', () => {
  const GOOD = '[uwsgi]\nhttp-socket = 127.0.0.1:0\nmaster = true\nwsgi-file = routes.py\n';

  test('is told off for each rule that is wrong, by file and line, at start and by config validate', async (t) => {
    const dir = tempDir(t, {
      'bad.ini': `${GOOD}route = ^/a nosuch:1\nroute-if = equals:a;b redirect:/c\nroute = ^/(a redirect:/b\n`,
      'routes.py': '',
    });
    const { status, output } = await runServer(t, [join(dir, 'bad.ini')]);
    assert.equal(status, 1);
    const checked = await runServer(t, ['config', 'validate', 'bad.ini'], { cwd: dir });
    assert.equal(checked.status, 1);
    for (const [line, what] of [
      [5, /there is no action "nosuch" \(column 5 of the value\)/],
      [6, /there is no condition "equals" \(column 1 of the value\).*equal/],
      [7, /is no regular expression: unterminated group/],
    ] as const) {
      assert.match(output, new RegExp(`bad.ini:${String(line)}: .*${what.source}`));
      assert.match(checked.stdout, new RegExp(`bad.ini:${String(line)}: error: .*${what.source}`));
    }
  });

  test('a goto without a label below it is refused', async (t) => {
    const dir = tempDir(t, { 'goto.ini': `${GOOD}route-label = above\nroute = ^/a goto:above\n` });
    const { status, output } = await runServer(t, [join(dir, 'goto.ini')]);
    assert.equal(status, 1);
    assert.match(output, /goto\.ini:6: .*goto only jumps forward, and the label "above" is above it/);
  });

  test('is read again by a reload, and its rules hold for connections that are there', async (t) => {
    const dir = tempDir(t, {});
    const file = join(dir, 'app.ini');
    writeFileSync(file, `${GOOD}route = ^/a redirect:/one\nadd-header = X-V: 1\n`);
    const server = await startServer(t, [file]);
    const client = await HttpConnection.open(server.address('http-socket'));
    t.after(() => client.close());
    assert.equal((await client.request('/a')).header('location'), '/one');
    writeFileSync(file, `${GOOD}route = ^/a redirect:/two\nadd-header = X-V: 2\n`);
    server.signal('SIGHUP');
    await server.line(/generation 2|reloaded/i);
    assert.equal((await client.request('/a')).header('location'), '/two');
    assert.equal((await client.request('/x')).header('x-v'), '2');
  });
});
