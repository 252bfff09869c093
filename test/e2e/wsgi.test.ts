/** PEP 3333 over both doors of a worker. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ByteStream, ConnectionLost } from '../helpers/byte-stream.ts';
import { fetchOnce, HttpConnection, type HttpResponse } from '../helpers/http.ts';
import { APPS, PYTHON } from '../helpers/paths.ts';
import { requires } from '../helpers/requirements.ts';
import type { Scope } from '../helpers/scope.ts';
import { startServer, type Server } from '../helpers/server.ts';
import { shared } from '../helpers/shared.ts';
import { uwsgiMessage, uwsgiRequest } from '../helpers/uwsgi-client.ts';

/** The last line of a traceback. */
const FAILURE = /^(\w+\.)*\w*(Error|Interrupt)\b/;

type Ask = (path: string, request?: { method?: string; body?: string; headers?: Record<string, string> }) => Promise<HttpResponse>;

for (const door of ['gateway', 'direct'] as const) {
  describe(`through the ${door} door, as wsgiref.validate sees it`, () => {
    const site = shared((scope) => serve(scope, door, 'validated.py'));
    for (const { path, method, body, status, text } of [
      { path: '/', method: 'GET', body: undefined, status: 200, text: 'plain' },
      { path: '/?a=1', method: 'HEAD', body: undefined, status: 200, text: '' },
      { path: '/generator', method: 'GET', body: undefined, status: 200, text: 'generator' },
      { path: '/echo', method: 'POST', body: 'sent', status: 200, text: 'sent' },
      { path: '/lines', method: 'PUT', body: 'a\nb\n', status: 200, text: 'a\n|b\n' },
      { path: '/write', method: 'GET', body: undefined, status: 200, text: 'written' },
      { path: '/nothing', method: 'DELETE', body: undefined, status: 204, text: '' },
      { path: '/errors', method: 'GET', body: undefined, status: 200, text: 'errors' },
    ]) {
      test(`nothing is wrong about ${method} ${path}`, async () => {
        const { server, ask } = site();
        const response = await ask(path, { method, ...(body === undefined ? {} : { body }) });
        assert.deepEqual([response.status, response.text], [status, method === 'HEAD' ? response.text : text], server.log);
        assert.ok(!server.log.includes('AssertionError'), server.log);
      });
    }
  });

  describe(`through the ${door} door`, () => {
    test('a generator is flushed piece by piece', async (t) => {
      const { server, ask } = await serve(t, door, 'generator.py --threads 2');
      if (door === 'direct') {
        const [whole] = await Promise.all([ask('/'), ask('/go')]);
        assert.equal(whole.text, 'first,second,third');
        return;
      }
      const connection = await HttpConnection.open(server.address('http'));
      connection.send('/');
      await connection.responseHead();
      // The application goes on only when it is told to, and that only after its first piece was here.
      assert.equal((await connection.readChunk()).toString(), 'first,');
      await ask('/go');
      const rest = [await connection.readChunk(), await connection.readChunk(), await connection.readChunk()];
      assert.deepEqual(rest.map(String), ['second,', 'third', '']);
      connection.close();
    });

    test('what write() is given leaves at once, before what is returned', async (t) => {
      const { server, ask } = await serve(t, door, 'write.py --threads 2');
      assert.equal((await ask('/')).text, 'written,again,returned');
      if (door === 'direct') return;
      const connection = await HttpConnection.open(server.address('http'));
      connection.send('/wait');
      await connection.responseHead();
      assert.equal((await connection.readChunk()).toString(), 'written,');
      await ask('/go');
      assert.equal((await connection.readChunk()).toString(), 'again,');
      connection.close();
    });

    test('wsgi.file_wrapper sends a file, from where it stands, and what only has read(), which it closes', async (t) => {
      const { server, ask } = await serve(t, door, 'file-wrapper.py');
      const source = readFileSync(join(APPS, 'file-wrapper.py'), 'utf8');
      assert.equal((await ask('/file')).text, source);
      assert.equal((await ask('/from-ten')).text, source.slice(10));
      assert.equal((await ask('/memory')).text, 'held in memory');
      await server.line(/^closed the memory/);
    });

    test('SystemExit ends the worker: its client gets an error, the next one a new worker', async (t) => {
      const { server, ask } = await serve(t, door, 'exceptions.py -M');
      const failed = await ask('/system-exit').catch((error: unknown) => error);
      if (door === 'gateway') assert.ok(failed instanceof Object && 'status' in failed && [500, 502].includes(Number(failed.status)));
      await server.line(/worker 1 \(pid \d+\) serving/, 2);
      assert.equal((await ask('/')).text, 'fine');
    });

    test('print, sys.stderr, wsgi.errors and descriptor 1 all reach the log', async (t) => {
      const { server, ask } = await serve(t, door, 'output.py');
      await ask('/');
      for (const line of [/^printed$/, /^to stderr$/, /^to wsgi\.errors$/, /^to descriptor 1$/]) await server.line(line);
    });

    test('the environ has what PEP 3333 asks for', async (t) => {
      const { ask } = await serve(t, door, 'environ.py -p 2 --threads 2');
      const environ = JSON.parse((await ask('/a?b=c')).text) as Record<string, [type: string, text: string]>;
      assert.deepEqual(
        ['wsgi.version', 'wsgi.url_scheme', 'wsgi.multithread', 'wsgi.multiprocess', 'wsgi.run_once'].map((key) => environ[key]),
        [
          ['tuple', '(1, 0)'],
          ['str', 'http'],
          ['bool', 'True'],
          ['bool', 'True'],
          ['bool', 'False'],
        ],
      );
      for (const key of ['wsgi.input', 'wsgi.errors', 'wsgi.file_wrapper', 'uwsgi.version', 'uwsgi.node', 'uwsgi.core']) {
        assert.ok(key in environ, key);
      }
    });

    test('two threads of a worker run at the same time', async (t) => {
      const { ask } = await serve(t, door, 'threads.py -p 1 --threads 2');
      const answers = await Promise.all([ask('/'), ask('/')]);
      assert.deepEqual(
        answers.map(({ text }) => text),
        ['met', 'met'],
      );
    });
  });

  describe(`through the ${door} door, an application that fails`, () => {
    const site = shared((scope) => serve(scope, door, 'exceptions.py --threads 2'));
    for (const path of [
      '/before',
      '/after-start',
      '/first-piece',
      '/none',
      '/injected',
      '/bad-status',
      '/bad-header',
      '/never-started',
      '/twice',
      '/keyboard-interrupt',
    ]) {
      test(`at ${path}: 500, its traceback in the log, and the worker lives`, async () => {
        const { server, ask } = site();
        const pid = server.workerPid(1);
        const seen = server.lines(FAILURE).length;
        const failed = await ask(path);
        assert.equal(failed.status, 500);
        assert.ok(!failed.head.includes('X-Injected'));
        await server.line(FAILURE, seen + 1);
        assert.doesNotMatch(server.log, /python\/tsuwsgi/, 'no frame of our runtime');
        assert.deepEqual([(await ask('/')).text, server.workerPid(1)], ['fine', pid]);
      });
    }

    for (const path of ['/midway', '/midway-with-length']) {
      test(`at ${path}: the response is cut, so that the client can tell`, async () => {
        const { server, ask } = site();
        const seen = server.lines(/LookupError: midway/).length;
        const stream = await ByteStream.open(server.address(door === 'gateway' ? 'http' : 'uwsgi'));
        stream.write(door === 'gateway' ? `GET ${path} HTTP/1.1\r\nHost: test.example\r\n\r\n` : uwsgiMessage(path));
        // A reset that comes together with the bytes before it is told as an ordinary end by libuv: have them first.
        await stream.readUntil('some bytes');
        await ask('/go');
        if (door === 'direct')
          await assert.rejects(stream.readToEnd(), (error) => error instanceof ConnectionLost && error.loss === 'reset');
        else
          assert.equal((await stream.readToEnd()).toString().trim(), '', 'neither the last chunk nor the bytes that the length promised');
        stream.close();
        await server.line(/LookupError: midway/, seen + 1);
        assert.equal((await ask('/')).text, 'fine');
      });
    }

    test('close() that fails is in the log; the response was complete', async () => {
      const { server, ask } = site();
      assert.equal((await ask('/in-close')).text, 'all of it');
      await server.line(/LookupError: in close/);
    });

    test('start_response with exc_info replaces headers that were not sent', async () => {
      const { ask } = site();
      const response = await ask('/exc-info');
      assert.deepEqual([response.status, response.text, response.header('x-first')], [503, 'handled', undefined]);
    });

    test('start_response with exc_info raises it again where headers were sent', async () => {
      const { server, ask } = site();
      await ask('/exc-info-late').catch(() => undefined);
      await server.line(/LookupError: too late/);
      assert.equal((await ask('/')).text, 'fine');
    });

    test('hop-by-hop headers of the application do not reach the client', async () => {
      const { ask } = site();
      const response = await ask('/hop-by-hop');
      assert.deepEqual([response.status, response.text, response.header('keep-alive')], [200, 'ok', undefined]);
    });
  });

  describe(`through the ${door} door, a piece of the body`, () => {
    const site = shared((scope) => serve(scope, door, 'chunks.py'));
    for (const { path, text } of [
      { path: '/str', text: '<naïve>' },
      { path: '/empty', text: '<>' },
      { path: '/bytes-object', text: 'whole' },
    ]) {
      test(`${path} is sent as ${text}`, async () => {
        assert.equal((await site().ask(path)).text, text);
      });
    }

    for (const { path, given } of [
      { path: '/none', given: 'NoneType: None' },
      { path: '/int', given: 'int: 7' },
    ]) {
      test(`${path} is told in the log`, async () => {
        const { server, ask } = site();
        await ask(path).catch(() => undefined);
        await server.line(new RegExp(`^TypeError: .* bytes, and the application gave ${given}$`));
        assert.equal((await ask('/empty')).text, '<>');
      });
    }
  });

  describe(`through the ${door} door, wsgi.url_scheme`, () => {
    const site = shared((scope) => serve(scope, door, 'environ.py'));
    for (const { headers, scheme } of [
      { headers: { 'X-Forwarded-Proto': 'https' }, scheme: 'https' },
      { headers: { 'X-Forwarded-Proto': 'gopher' }, scheme: 'http' },
      { headers: { 'X-Forwarded-Ssl': 'on' }, scheme: 'https' },
      { headers: {}, scheme: 'http' },
    ]) {
      test(`is ${scheme} with ${JSON.stringify(headers)}`, async () => {
        const environ = JSON.parse((await site().ask('/', { headers })).text) as Record<string, unknown>;
        assert.deepEqual(environ['wsgi.url_scheme'], ['str', scheme]);
      });
    }
  });
}

describe('the interpreter that an application sees', () => {
  test('knows nothing of our runtime: not in sys.path, not in sys.argv', async (t) => {
    const { ask } = await serve(t, 'gateway', 'interpreter.py');
    const seen = JSON.parse((await ask('/')).text) as Record<string, unknown>;
    const { path, argv, file, cwd } = seen as { path: string[]; argv: string[]; file: string; cwd: string };
    assert.deepEqual(path.slice(0, 2), ['.', '']);
    assert.ok(!path.some((entry) => entry.includes('tsuwsgi')), path.join('\n'));
    assert.deepEqual([argv, file, cwd], [['uwsgi'], 'interpreter.py', APPS]);
  });

  test('--pythonpath puts the last one first', async (t) => {
    const { ask } = await serve(t, 'gateway', 'interpreter.py --pythonpath /first --pythonpath /second');
    const { path } = JSON.parse((await ask('/')).text) as { path: string[] };
    assert.deepEqual(path.slice(0, 4), ['/second', '/first', '.', '']);
  });

  test('--chdir is where it runs', async (t) => {
    const { ask } = await serve(t, 'gateway', `${APPS}/interpreter.py --chdir /usr`);
    const { cwd } = JSON.parse((await ask('/')).text) as { cwd: string };
    assert.equal(cwd, '/usr');
  });

  test('--python chooses another one', async (t) => {
    const { ask } = await serve(t, 'gateway', `interpreter.py --python ${PYTHON}`);
    const { executable } = JSON.parse((await ask('/')).text) as { executable: string };
    assert.equal(executable, PYTHON);
  });
});

describe('frameworks run unchanged', () => {
  for (const door of ['gateway', 'direct'] as const) {
    test(`Flask through the ${door} door`, { skip: requires('python3-flask') }, async (t) => {
      const { ask } = await serve(t, door, 'flask-site.py');
      assert.equal((await ask('/')).text, '<h1>Hello World</h1>');
      assert.equal((await ask('/stream')).text, '0,1,2,');
      assert.equal((await ask('/broken')).status, 500);
      assert.equal((await ask('/teapot')).status, 418);
      assert.equal((await ask('/nowhere')).status, 404);
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      assert.equal((await ask('/greet', { method: 'POST', body: 'name=World', headers })).text, 'Hello World');
    });

    test(`bottle through the ${door} door`, { skip: requires('python3-bottle') }, async (t) => {
      const { ask } = await serve(t, door, 'bottle-site.py');
      assert.equal((await ask('/')).text, 'Hello from bottle');
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      assert.equal((await ask('/sum', { method: 'POST', body: 'a=2&b=3', headers })).text, '5');
    });

    test(`web.py through the ${door} door`, { skip: requires('python3-webpy') }, async (t) => {
      const { ask } = await serve(t, door, 'webpy-site.py');
      assert.equal((await ask('/')).text, 'Hello from web.py');
      assert.equal((await ask('/echo', { method: 'POST', body: 'sent' })).text, 'sent');
    });

    test(`Django through the ${door} door`, { skip: requires('python3-django') }, async (t) => {
      const { ask } = await serve(t, door, `mysite/wsgi.py --chdir ${APPS}/django-site`);
      assert.equal((await ask('/')).text, 'Hello from Django');
      const first = await ask('/visits');
      const cookie = first.header('set-cookie')?.split(';')[0] ?? '';
      assert.equal((await ask('/visits', { headers: { Cookie: cookie } })).text, '2');
      assert.match((await ask('/admin/login/')).text, /<form/);
    });
  }

  test('Flask reads a file of a chunked upload', { skip: requires('python3-flask') }, async (t) => {
    const { server } = await serve(t, 'gateway', 'flask-site.py');
    const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n0123456789\r\n--b--\r\n';
    const connection = await HttpConnection.open(server.address('http'));
    connection.sendRaw(
      `POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n${part.length.toString(16)}\r\n${part}\r\n0\r\n\r\n`,
      'POST',
    );
    assert.equal((await connection.response()).text, '10');
    connection.close();
  });
});

/** One application behind one door, and how to ask it. */
async function serve(scope: Scope, door: 'gateway' | 'direct', app: string): Promise<{ server: Server; ask: Ask }> {
  if (door === 'gateway') {
    const server = await startServer(scope, `--http 127.0.0.1:0 --wsgi-file ${app}`);
    return { server, ask: (path, request) => fetchOnce(server.address('http'), path, request) };
  }
  const server = await startServer(scope, `--socket 127.0.0.1:0 --wsgi-file ${app}`);
  // PEP 3333 lets a server leave an empty SCRIPT_NAME out, as nginx does; wsgiref's validator does not.
  const ask: Ask = (path, { headers = {}, ...request } = {}) =>
    uwsgiRequest(server.address('uwsgi'), path, { ...request, vars: { SCRIPT_NAME: '', ...varsOf(headers) } });
  return { server, ask };
}

/** Headers as a web server names them in a uwsgi packet. */
function varsOf(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const key = name.toUpperCase().replaceAll('-', '_');
      return [key === 'CONTENT_TYPE' ? key : `HTTP_${key}`, value];
    }),
  );
}
