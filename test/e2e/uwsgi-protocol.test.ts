/** The direct door: workers accept uwsgi requests themselves. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { formatAddress, type Address } from '../helpers/address.ts';
import { ByteStream } from '../helpers/byte-stream.ts';
import { fetchOnce } from '../helpers/http.ts';
import { proxyPass, startNginx, uwsgiPass } from '../helpers/nginx.ts';
import { requires } from '../helpers/requirements.ts';
import { startServer } from '../helpers/server.ts';
import { shared } from '../helpers/shared.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiExchange, uwsgiMessage, uwsgiPacket, uwsgiRequest } from '../helpers/uwsgi-client.ts';

describe('--socket', () => {
  test('answers a uwsgi request and closes, with the head byte for byte', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 --wsgi-file hello.py');
    const answer = await uwsgiExchange(server.address('uwsgi'), uwsgiMessage('/'));
    assert.equal(answer.toString(), 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\nHello World!');
  });

  test('says which sockets the workers serve themselves', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 --wsgi-file hello.py');
    await server.line(/uwsgi on 127\.0\.0\.1:\d+, direct/);
  });

  test('needs no Node in the path of a request: it is answered while every Node process stands still', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 --http 127.0.0.1:0 --wsgi-file hello.py -M -p 2');
    const nodes = server.family().filter(({ command }) => command.includes('node'));
    assert.ok(nodes.length >= 1);
    for (const { pid } of nodes) process.kill(pid, 'SIGSTOP');
    try {
      for (let nth = 0; nth < 20; nth++) assert.equal((await uwsgiRequest(server.address('uwsgi'), '/')).text, 'Hello World!');
    } finally {
      for (const { pid } of nodes) process.kill(pid, 'SIGCONT');
    }
    assert.equal((await fetchOnce(server.address('http'), '/')).status, 200);
  });

  test('gives every variable of the packet as latin-1, the last one of a name', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 --wsgi-file environ.py');
    const once = uwsgiPacket({ PATH_INFO: '/café', REQUEST_METHOD: 'GET', HTTP_X: 'first' });
    const twice = Buffer.concat([once, uwsgiPacket({ HTTP_X: 'second' }).subarray(4)]);
    twice.writeUInt16LE(twice.length - 4, 1);
    const environ = JSON.parse((await uwsgiExchange(server.address('uwsgi'), twice)).toString().split('\r\n\r\n')[1] ?? '') as Record<
      string,
      unknown
    >;
    assert.deepEqual(environ['PATH_INFO'], ['str', '/cafÃ©']);
    assert.deepEqual(environ['HTTP_X'], ['str', 'second']);
  });

  test('keeps nothing of one request for the next', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 --wsgi-file environ.py');
    await uwsgiRequest(server.address('uwsgi'), '/', { vars: { HTTP_SECRET: 'mine' } });
    assert.ok(!(await uwsgiRequest(server.address('uwsgi'), '/')).text.includes('mine'));
  });

  test('hands over a large body unharmed', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 --wsgi-file digest.py');
    const body = Buffer.alloc(10 << 20, 'A large body. ');
    const response = await uwsgiRequest(server.address('uwsgi'), '/', { method: 'POST', body });
    assert.equal(response.text, `${String(body.length)} ${createHash('sha256').update(body).digest('hex')}`);
  });

  test('accepts a packet of exactly buffer-size, and none that is larger', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 --wsgi-file hello.py --buffer-size 4096');
    assert.equal((await uwsgiRequest(server.address('uwsgi'), '/', { vars: { FILL: filler(4096) } })).status, 200);
    assert.equal(await refused(server.address('uwsgi'), uwsgiMessage('/', { vars: { FILL: filler(4097) } })), '');
    await server.line(/4097.*4096/);
  });

  test('a client that sends half a packet and leaves holds nothing', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 --wsgi-file hello.py -p 1');
    const stream = await ByteStream.open(server.address('uwsgi'));
    stream.write(uwsgiMessage('/').subarray(0, 20));
    stream.finish();
    assert.equal((await stream.readToEnd()).length, 0);
    assert.equal((await uwsgiRequest(server.address('uwsgi'), '/')).status, 200);
  });

  for (const { what, socketIn } of [
    { what: 'TCP', socketIn: () => '127.0.0.1:0' },
    { what: 'a Unix socket', socketIn: (folder: string) => join(folder, 'app.sock') },
  ]) {
    test(`a client that sends half a packet over ${what} and says no more is dropped after socket-timeout`, async (t) => {
      const server = await startServer(t, `--socket ${socketIn(tempDir(t))} --socket-timeout 1 --wsgi-file hello.py -p 1`);
      const stream = await ByteStream.open(server.address('uwsgi'));
      stream.write(uwsgiMessage('/').subarray(0, 20));
      assert.equal((await stream.readToEnd()).length, 0);
      assert.equal((await uwsgiRequest(server.address('uwsgi'), '/')).status, 200);
    });
  }

  test('a client that connects over TCP and says nothing holds no worker', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 --socket-timeout 60 --wsgi-file hello.py -p 1');
    const silent = await ByteStream.open(server.address('uwsgi'));
    assert.equal((await uwsgiRequest(server.address('uwsgi'), '/')).status, 200);
    silent.write(uwsgiMessage('/'));
    assert.match((await silent.readToEnd()).toString(), /Hello World!$/);
  });

  test('workers with both doors answer at either one at once', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 --http 127.0.0.1:0 --wsgi-file hello.py -M -p 2');
    const began = performance.now();
    assert.equal((await fetchOnce(server.address('http'), '/')).status, 200);
    assert.equal((await uwsgiRequest(server.address('uwsgi'), '/')).status, 200);
    assert.ok(performance.now() - began < 1_000, `after ${String(performance.now() - began)} ms`);
  });

  test('several sockets are served by the same workers', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 --uwsgi-socket 127.0.0.1:0 --http 127.0.0.1:0 --wsgi-file hello.py -p 2');
    for (const nth of [1, 2]) assert.equal((await uwsgiRequest(server.address('uwsgi', nth), '/')).status, 200);
    assert.equal((await fetchOnce(server.address('http'), '/')).status, 200);
  });
});

describe('wsgi.input', () => {
  const server = shared((scope) => startServer(scope, '--socket 127.0.0.1:0 --wsgi-file echo.py'));

  for (const path of ['/', '/pieces', '/lines', '/all-lines', '/iterated', '/short-lines', '/unread']) {
    test(`read as ${path} gives what uWSGI gives`, async () => {
      const wanted: Record<string, string> = {
        '/': 'one\ntwo\nthree',
        '/pieces': 'one\nt|wo\nth|ree',
        '/lines': 'one\n|two\n|three',
        '/all-lines': 'one\n|two\n|three',
        '/iterated': 'one\n|two\n|three',
        '/unread': 'unread',
        // PEP 3333 lets readline take a size; uWSGI ignores it.
        '/short-lines': 'one|\ntwo\nthree',
      };
      const response = await uwsgiRequest(server().address('uwsgi'), path, { method: 'POST', body: 'one\ntwo\nthree' });
      assert.equal(response.text, wanted[path]);
    });
  }
});

describe('what is no request', () => {
  const hello = shared((scope) => startServer(scope, '--socket 127.0.0.1:0 --wsgi-file hello.py -p 1'));

  for (const { what, bytes } of [
    { what: 'a packet of no size', bytes: Buffer.from([0, 0, 0, 0]) },
    { what: 'a length that runs past the end', bytes: Buffer.from([0, 4, 0, 0, 200, 0, 65, 66]) },
    { what: 'a name without a value', bytes: Buffer.from([0, 3, 0, 0, 1, 0, 65]) },
    { what: 'plain HTTP', bytes: Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n') },
    { what: 'plain HTTP with a body', bytes: Buffer.from('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx') },
  ]) {
    test(`${what}: a line in the log, a closed connection, and the next request is served`, async () => {
      const server = hello();
      const before = server.log.length;
      const served = server.lines(/GET \/ => generated/).length;
      assert.equal(await refused(server.address('uwsgi'), bytes), '');
      assert.equal((await uwsgiRequest(server.address('uwsgi'), '/')).status, 200);
      await server.line(/GET \/ => generated/, served + 1);
      const said = server.log
        .slice(before)
        .split('\n')
        .filter((line) => line !== '' && !line.includes('generated'));
      assert.equal(said.length, 1, `one line about it: ${said.join(' / ')}`);
    });
  }
});

describe('behind nginx', () => {
  test('a large upload and a large download', { skip: requires('nginx-light') }, async (t) => {
    const upload = await startServer(t, '--socket 127.0.0.1:0 --wsgi-file digest.py');
    const download = await startServer(t, '--socket 127.0.0.1:0 --wsgi-file download.py');
    const server = `client_max_body_size 0;
      location /up { include /etc/nginx/uwsgi_params; uwsgi_pass ${formatAddress(upload.address('uwsgi'))}; }
      location / { include /etc/nginx/uwsgi_params; uwsgi_pass ${formatAddress(download.address('uwsgi'))}; }`;
    const nginx = await startNginx(t, { server });
    const body = Buffer.alloc(8 << 20, 'Up it goes. ');
    const digest = createHash('sha256').update(body).digest('hex');
    assert.equal((await fetchOnce(nginx.address, '/up', { method: 'POST', body })).text, `${String(body.length)} ${digest}`);
    assert.equal((await fetchOnce(nginx.address, '/?8')).body.length, 8 << 20);
  });

  test('HEAD, 204 and 304', { skip: requires('nginx-light') }, async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 --wsgi-file statuses.py');
    const nginx = await startNginx(t, { server: uwsgiPass(server.address('uwsgi')) });
    assert.equal((await fetchOnce(nginx.address, '/', { method: 'HEAD' })).status, 200);
    assert.equal((await fetchOnce(nginx.address, '/204')).status, 204);
    assert.equal((await fetchOnce(nginx.address, '/304')).status, 304);
  });

  test('proxy_pass to a uwsgi socket is a 502', { skip: requires('nginx-light') }, async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 --wsgi-file hello.py');
    const nginx = await startNginx(t, { server: proxyPass(server.address('uwsgi')) });
    assert.equal((await fetchOnce(nginx.address, '/')).status, 502);
  });
});

/** What a client sees when it is not served; a reset is as good as an end. */
async function refused(address: Address, bytes: Buffer): Promise<string> {
  return (await uwsgiExchange(address, bytes).catch(() => Buffer.alloc(0))).toString('latin1');
}

/** A value that makes a packet of exactly this size out of our usual variables and FILL. */
function filler(size: number): string {
  const without = uwsgiMessage('/', { vars: { FILL: '' } }).length - 4;
  return 'x'.repeat(size - without);
}
