/** HTTP as clients meet it at --http and --http-socket. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test, type TestContext } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { exchange, fetchOnce, HttpConnection, type HttpResponse } from '../helpers/http.ts';
import { onEnd } from '../helpers/scope.ts';
import { startServer, type Server } from '../helpers/server.ts';
import { shared } from '../helpers/shared.ts';

for (const door of ['http', 'http-socket'] as const) {
  describe(`--${door}`, () => {
    const hello = shared((scope) => startServer(scope, `--${door} 127.0.0.1:0 --wsgi-file hello.py -p 1`));

    test('keeps a connection for many requests', async (t) => {
      const connection = await open(t, hello(), door);
      for (let nth = 0; nth < 20; nth++) {
        const response = await connection.request('/');
        assert.deepEqual([response.version, response.status, response.text], ['HTTP/1.1', 200, 'Hello World!']);
      }
    });

    test('answers pipelined requests in their order', async (t) => {
      const { connection } = await connect(t, door, 'environ.py -p 2 --threads 2');
      const paths = Array.from({ length: 20 }, (_, nth) => `/${String(nth)}`);
      for (const path of paths) connection.send(path);
      for (const path of paths) assert.equal(environOf(await connection.response())['PATH_INFO'], path);
    });

    test('closes where the client asks for it', async (t) => {
      const connection = await open(t, hello(), door);
      const response = await connection.request('/', { headers: { Connection: 'close' } });
      assert.equal(response.header('connection')?.toLowerCase(), 'close');
      assert.equal((await connection.stream.readToEnd()).length, 0);
    });

    test('speaks HTTP/1.0 and closes', async (t) => {
      const connection = await open(t, hello(), door);
      const response = await connection.request('/', { version: 'HTTP/1.0' });
      assert.deepEqual([response.status, response.text], [200, 'Hello World!']);
      assert.equal((await connection.stream.readToEnd()).length, 0);
    });

    test('keeps an HTTP/1.0 connection where the client asks for it', async (t) => {
      const connection = await open(t, hello(), door);
      for (let nth = 0; nth < 3; nth++) {
        const response = await connection.request('/', { version: 'HTTP/1.0', headers: { Connection: 'keep-alive' } });
        assert.deepEqual([response.status, response.header('connection')?.toLowerCase()], [200, 'keep-alive']);
      }
    });

    test('never sends chunks to an HTTP/1.0 client', async (t) => {
      const { connection } = await connect(t, door, 'download.py');
      const response = await connection.request('/?1', { version: 'HTTP/1.0' });
      assert.deepEqual([response.framing, response.body.length], ['close', 1 << 20]);
    });

    test('sends a body of unknown length in chunks', async (t) => {
      const { connection } = await connect(t, door, 'download.py');
      const response = await connection.request('/?1');
      assert.deepEqual([response.framing, response.body.length], ['chunked', 1 << 20]);
      assert.equal((await connection.request('/made')).text, '16', 'and keeps the connection');
    });

    test('reads a chunked body', async (t) => {
      const { connection } = await connect(t, door, 'echo.py');
      connection.sendRaw(
        'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: gone\r\n\r\n',
        'POST',
      );
      assert.equal((await connection.response()).text, 'hello world');
      assert.equal((await connection.request('/unread')).text, 'unread', 'and keeps the connection');
    });

    test('answers Expect: 100-continue before the body comes', async (t) => {
      const { connection } = await connect(t, door, 'echo.py');
      connection.sendRaw('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n', 'POST');
      assert.equal((await connection.stream.readUntil('\r\n\r\n')).toString(), 'HTTP/1.1 100 Continue\r\n\r\n');
      connection.sendRaw('hello');
      assert.equal((await connection.response()).text, 'hello');
    });

    test('sends early hints before the response, and none to an HTTP/1.0 client', async (t) => {
      const { connection } = await connect(t, door, 'early-hints.py');
      connection.sendRaw('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n';
      assert.equal((await connection.stream.readUntil('\r\n\r\n')).toString(), hints);
      assert.equal((await connection.response()).text, 'the page');
      connection.sendRaw('GET / HTTP/1.0\r\nHost: a\r\n\r\n');
      assert.equal((await connection.response()).text, 'the page');
    });

    test('sends no body for HEAD, 204 and 304, whatever the application returns', async (t) => {
      const { connection } = await connect(t, door, 'statuses.py');
      for (const { path, method, status } of [
        { path: '/', method: 'HEAD', status: 200 },
        { path: '/204', method: 'GET', status: 204 },
        { path: '/304', method: 'GET', status: 304 },
      ]) {
        const response = await connection.request(path, { method });
        assert.deepEqual([response.status, response.header('etag')], [status, '"one"'], path);
      }
      const after = await connection.request('/404');
      assert.deepEqual([after.status, after.text], [404, 'a body'], 'the connection is in step');
    });

    test("gives HEAD the application's Content-Length", async (t) => {
      const connection = await open(t, hello(), door);
      const response = await connection.request('/', { method: 'HEAD' });
      assert.equal(response.header('content-length'), '12');
      assert.equal((await connection.request('/')).text, 'Hello World!');
    });

    test('keeps the order, the case and the repetition of headers', async (t) => {
      const { connection } = await connect(t, door, 'headers.py');
      const response = await connection.request('/');
      assert.equal(response.reason, 'Fine by me');
      const own = response.headers.filter(([name]) => !/^(date|server|connection|keep-alive)$/i.test(name));
      assert.deepEqual(own, [
        ['x-lower', 'a'],
        ['X-UPPER', 'b'],
        ['Set-Cookie', 'one=1'],
        ['Set-Cookie', 'two=2'],
        ['X-Latin', 'caf\xe9'],
        ['content-length', '2'],
      ]);
    });

    test('hands over a large body unharmed', async (t) => {
      const { connection } = await connect(t, door, 'digest.py');
      const body = Buffer.alloc(20 << 20, 'The body of a large request. ');
      const response = await connection.request('/', { method: 'POST', body });
      assert.equal(response.text, `${String(body.length)} ${createHash('sha256').update(body).digest('hex')}`);
    });

    test('hands over a large body to an application that never reads it', async (t) => {
      const { connection } = await connect(t, door, 'echo.py');
      const response = await connection.request('/unread', { method: 'POST', body: Buffer.alloc(3 << 20) });
      assert.deepEqual([response.status, response.text], [200, 'unread']);
    });

    test('without response-buffering lets the application make no more than the client takes', async (t) => {
      const { server, connection } = await connect(t, door, 'download.py --threads 2 --response-buffering 0');
      connection.send('/?64');
      await connection.responseHead();
      const made = async () => Number((await fetchOnce(server.address(door), '/made')).text);
      // It comes to a stand: two looks in a row show the same count, far below all.
      let before = -1;
      const stood = await eventually('the application waits for its client', async () => {
        const now = await made();
        const stands = now === before && now > 0;
        before = now;
        return stands && now;
      });
      assert.ok(stood < 1024 / 2, `${String(stood)} of 1024 pieces were made for a client that takes none`);
      let size = 0;
      for (let chunk = await connection.readChunk(); chunk.length > 0; chunk = await connection.readChunk()) size += chunk.length;
      assert.equal(size, 64 << 20);
    });

    test('a client that sends slowly holds no worker', async (t) => {
      const server = hello();
      const slow = await Promise.all(Array.from({ length: 5 }, () => open(t, server, door)));
      for (const connection of slow) connection.sendRaw('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
      assert.equal((await fetchOnce(server.address(door), '/')).status, 200);
    });

    test('a client that has not finished its head holds no worker', async (t) => {
      const server = hello();
      const connection = await open(t, server, door);
      connection.sendRaw('GET / HTTP/1.1\r\nHost: a\r\n');
      assert.equal((await fetchOnce(server.address(door), '/')).status, 200);
      connection.sendRaw('\r\n', 'GET');
      assert.equal((await connection.response()).status, 200);
    });

    test('a client that leaves in the middle of a response: close() is called, once', async (t) => {
      const { server, connection } = await connect(t, door, 'close.py');
      connection.send('/left?100000');
      await connection.responseHead();
      connection.close();
      const [, times, left] = await server.line(/^closed \/left (\d+) left (\d+)/);
      assert.equal(times, '1');
      assert.ok(Number(left) > 0, 'the application did not make it all');
      await fetchOnce(server.address(door), '/after');
      await server.line(/^closed \/after 1/);
      assert.equal(server.lines(/^closed \/left/).length, 1);
    });

    test('a client that leaves in the middle of its body, without request-buffering: the application gets an OSError', async (t) => {
      const { server, connection } = await connect(t, door, 'digest.py --request-buffering=false');
      connection.sendRaw(
        Buffer.concat([Buffer.from('POST /left HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n'), Buffer.alloc(5_000_000)]),
      );
      await server.line(/^began \/left/);
      connection.close();
      await server.line(/^OSError from wsgi\.input/);
      assert.equal((await fetchOnce(server.address(door), '/', { method: 'POST', body: 'x' })).status, 200);
    });

    for (const { what, bytes, status } of [
      { what: 'no request line', bytes: 'nonsense\r\n\r\n', status: 400 },
      { what: 'a header without a colon', bytes: 'GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n', status: 400 },
      { what: 'a head larger than buffer-size', bytes: `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, status: 431 },
      {
        what: 'both Content-Length and Transfer-Encoding',
        bytes: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        status: 400,
      },
      {
        what: 'two different Content-Lengths',
        bytes: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
        status: 400,
      },
      { what: 'a Content-Length that is no number', bytes: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3x\r\n\r\nabc', status: 400 },
    ]) {
      test(`${what} is a ${String(status)} and the end of the connection`, async () => {
        const server = hello();
        const answer = (await exchange(server.address(door), bytes)).toString('latin1');
        assert.match(answer, new RegExp(`^HTTP/1\\.[01] ${String(status)} `));
        assert.equal((await fetchOnce(server.address(door), '/')).status, 200);
      });
    }

    test('the environ has the bytes of the request as latin-1', async (t) => {
      const { connection } = await connect(t, door, 'environ.py');
      const environ = environOf(
        await connection.request('/caf%C3%A9/a%20b+c?q=%C3%A9&x=1', { headers: { 'X-Latin': 'caf\xe9', Cookie: 'a=1' } }),
      );
      assert.deepEqual(
        [environ['PATH_INFO'], environ['QUERY_STRING'], environ['REQUEST_URI'], environ['HTTP_X_LATIN'], environ['SCRIPT_NAME']],
        ['/caf\xc3\xa9/a b+c', 'q=%C3%A9&x=1', '/caf%C3%A9/a%20b+c?q=%C3%A9&x=1', 'caf\xe9', ''],
      );
    });
  });
}

/** A server with one application, and one connection to it. */
async function connect(t: TestContext, door: 'http' | 'http-socket', app: string): Promise<{ server: Server; connection: HttpConnection }> {
  const server = await startServer(t, `--${door} 127.0.0.1:0 --wsgi-file ${app}`);
  return { server, connection: await open(t, server, door) };
}

async function open(t: TestContext, server: Server, door: 'http' | 'http-socket'): Promise<HttpConnection> {
  const connection = await HttpConnection.open(server.address(door));
  onEnd(t, () => {
    connection.close();
  });
  return connection;
}

function environOf(response: HttpResponse): Record<string, string> {
  const seen = JSON.parse(response.text) as Record<string, [string, string]>;
  return Object.fromEntries(Object.entries(seen).map(([key, [, value]]) => [key, value]));
}
