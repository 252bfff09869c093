/** FastCGI, SCGI and (by Apache) the uwsgi protocol as web servers speak them: nginx, Apache, the FastCGI library's own client, and bytes of our own. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { formatAddress, type Address } from '../helpers/address.ts';
import { startApache } from '../helpers/apache.ts';
import { ByteStream } from '../helpers/byte-stream.ts';
import { eventually } from '../helpers/eventually.ts';
import { cgiResponse, FCGI, fcgiMessage, fcgiRecord } from '../helpers/fastcgi.ts';
import { exchange, fetchOnce, HttpConnection } from '../helpers/http.ts';
import { fastcgiPass, scgiPass, startNginx } from '../helpers/nginx.ts';
import { requires } from '../helpers/requirements.ts';
import type { Scope } from '../helpers/scope.ts';
import { scgiMessage, scgiRequest } from '../helpers/scgi.ts';
import { startServer, type Server } from '../helpers/server.ts';
import { statsOf } from '../helpers/statistics.ts';
import { connect, PROTOCOLS, type Protocol, textOf } from '../helpers/web-server-protocols.ts';
import { tempDir } from '../helpers/temp.ts';

interface Front {
  readonly what: string;
  readonly protocol: Protocol | 'uwsgi';
  /** More of the command line. */
  readonly flags?: string;
  /** What it makes of a connection that ends without a byte; 502 where it is not said. */
  readonly ofSilence?: number;
  readonly needs: string;
  readonly start: (scope: Scope, to: Address) => Promise<Address>;
}

const PATH_INFO = (protocol: Protocol) => `${protocol}_param PATH_INFO $document_uri;`;

/** Without these Apache sends no PATH_INFO. */
const APACHE_PATH: Readonly<Record<Protocol, string>> = {
  fastcgi: 'ProxyFCGIBackendType GENERIC\nProxyFCGISetEnvIf true PATH_INFO "%{REQUEST_URI}"\nProxyFCGISetEnvIf true SCRIPT_NAME ""',
  scgi: 'SetEnvIf Request_URI ^ proxy-scgi-pathinfo',
};

const FRONTS: readonly Front[] = [
  {
    what: "nginx's fastcgi_pass",
    protocol: 'fastcgi',
    needs: 'nginx-light',
    start: async (scope, to) => (await startNginx(scope, { server: fastcgiPass(to, PATH_INFO('fastcgi')) })).address,
  },
  {
    what: "nginx's fastcgi_pass with kept connections, and nothing buffered",
    protocol: 'fastcgi',
    needs: 'nginx-light',
    start: async (scope, to) => {
      const http = `upstream app { server ${formatAddress(to)}; keepalive 4; }`;
      const more = `${PATH_INFO('fastcgi')} fastcgi_keep_conn on; fastcgi_request_buffering off; fastcgi_buffering off; fastcgi_pass app;`;
      const server = `client_max_body_size 0; location / { include /etc/nginx/fastcgi_params; ${more} }`;
      return (await startNginx(scope, { http, server })).address;
    },
  },
  {
    what: "nginx's scgi_pass",
    protocol: 'scgi',
    needs: 'nginx-light',
    start: async (scope, to) => (await startNginx(scope, { server: scgiPass(to, PATH_INFO('scgi')) })).address,
  },
  {
    what: "Apache's mod_proxy_fcgi",
    protocol: 'fastcgi',
    needs: 'apache2',
    start: (scope, to) => startApache(scope, `ProxyPass / fcgi://${formatAddress(to)}/\n${APACHE_PATH.fastcgi}`),
  },
  {
    what: "Apache's mod_proxy_scgi",
    protocol: 'scgi',
    needs: 'apache2',
    start: (scope, to) => startApache(scope, `ProxyPass / scgi://${formatAddress(to)}/\n${APACHE_PATH.scgi}`),
  },
  ...['', '--direct-socket=false'].map((flags) => ({
    what: `Apache's mod_proxy_uwsgi ${flags}`,
    protocol: 'uwsgi' as const,
    flags,
    needs: 'apache2',
    // Apache says "internal error" where nginx says that the other one is bad; a gateway in between says it itself.
    ofSilence: flags === '' ? 500 : 502,
    start: (scope: Scope, to: Address) => startApache(scope, `ProxyPass / uwsgi://${formatAddress(to)}/`),
  })),
];

for (const { what, protocol, flags: always = '', needs, ofSilence = 502, start } of FRONTS) {
  describe(`behind ${what}`, { skip: requires(needs) }, () => {
    const serve = async (t: TestContext, flags: string) => {
      const server = await startServer(t, `--${protocol}-socket 127.0.0.1:0 ${always} ${flags}`);
      return { server, front: await start(t, server.address(protocol === 'uwsgi' ? protocol : `${protocol}-socket`)) };
    };

    test('one request after another is answered', async (t) => {
      const { front } = await serve(t, '-M -p 2 --wsgi-file hello.py');
      const connection = await HttpConnection.open(front);
      for (let nth = 0; nth < 20; nth++) assert.equal((await connection.request('/')).text, 'Hello World!');
      connection.close();
    });

    test('a body goes up and comes down', async (t) => {
      const { front } = await serve(t, '--wsgi-file echo.py');
      for (const size of [0, 1, 100, 70_000, 700_000]) {
        const body = Buffer.alloc(size, 'There and back. ');
        const response = await fetchOnce(front, '/', { method: 'POST', body });
        assert.equal(response.status, 200);
        assert.ok(response.body.equals(body), `${size} bytes`);
      }
    });

    test('status and headers are those of the application', async (t) => {
      const { front } = await serve(t, '--wsgi-file headers.py');
      const response = await fetchOnce(front, '/');
      assert.deepEqual([response.status, response.text, response.header('set-cookie')], [200, 'ok', 'one=1, two=2']);
    });

    test('HEAD, 204 and 304 leave nothing behind', async (t) => {
      const { front } = await serve(t, '--wsgi-file statuses.py');
      assert.equal((await fetchOnce(front, '/', { method: 'HEAD' })).status, 200);
      for (const status of [204, 304, 404]) assert.equal((await fetchOnce(front, `/${status}`)).status, status);
    });

    test(`the worker that runs a request is killed: the client gets ${ofSilence}`, async (t) => {
      const { front, server } = await serve(t, '-M -p 1 --wsgi-file sleep.py');
      const running = fetchOnce(front, '/?60');
      await server.line(/^began/);
      process.kill(server.workerPid(1), 'SIGKILL');
      assert.equal((await running).status, ofSilence);
      assert.equal((await fetchOnce(front, '/?0')).text, 'done');
    });
  });
}

describe('cgi-fcgi', { skip: requires('libfcgi-bin') }, () => {
  test('is answered', async (t) => {
    const server = await startServer(t, '--fastcgi-socket 127.0.0.1:0 --wsgi-file echo.py');
    const env = { REQUEST_METHOD: 'POST', REQUEST_URI: '/', PATH_INFO: '/', CONTENT_LENGTH: '5' };
    const output = execFileSync('cgi-fcgi', ['-bind', '-connect', formatAddress(server.address('fastcgi-socket'))], {
      env,
      input: 'hello',
    });
    assert.equal(cgiResponse(output).text, 'hello');
  });
});

describe('Unix sockets', () => {
  test('are as good as ports', async (t) => {
    const dir = tempDir(t);
    await startServer(t, `--fastcgi-socket ${dir}/f.sock --scgi-socket ${dir}/s.sock --wsgi-file hello.py`);
    const client = await connect(t, { path: `${dir}/f.sock` });
    assert.equal((await client.request('/')).text, 'Hello World!');
    assert.equal((await scgiRequest({ path: `${dir}/s.sock` }, '/')).text, 'Hello World!');
  });

  test('tell a broken response by their end', async (t) => {
    const dir = tempDir(t);
    await startServer(t, `--fastcgi-socket ${dir}/f.sock --wsgi-file close.py`);
    const client = await connect(t, { path: `${dir}/f.sock` });
    await assert.rejects(client.request('/broken?3'), { name: 'ConnectionLost' });
  });
});

describe('protocol', () => {
  for (const { name, door } of [
    { name: 'fastcgi', door: 'fastcgi-socket' },
    { name: 'scgi', door: 'scgi-socket' },
    { name: 'http', door: 'http-socket' },
    { name: 'uwsgi', door: 'uwsgi' },
  ] as const) {
    test(`= ${name} makes socket a ${door}`, async (t) => {
      const server = await startServer(t, `--protocol ${name} --socket 127.0.0.1:0 --stats 127.0.0.1:0 --wsgi-file hello.py`);
      const { sockets } = await statsOf(server.address('stats'));
      assert.deepEqual(
        sockets.map(({ name: address, proto }) => `${proto} ${address}`),
        [`${name} ${formatAddress(server.address(door))}`],
      );
    });
  }

  test('leaves uwsgi-socket what it is', async (t) => {
    const server = await startServer(t, '--protocol scgi --socket 127.0.0.1:0 --uwsgi-socket 127.0.0.1:0 --wsgi-file hello.py');
    assert.equal((await scgiRequest(server.address('scgi-socket'), '/')).status, 200);
    assert.ok(server.address('uwsgi'));
  });
});

describe('a reload', () => {
  test('adds and takes away addresses, and loses no request of those that stay', async (t) => {
    const ini = (more: string) => `[uwsgi]\nmaster = true\nwsgi-file = app.py\nfastcgi-socket = f.sock\n${more}\n`;
    const app = 'def application(e, s):\n    s("200 OK", [])\n    return [e["PATH_INFO"].encode()]\n';
    const cwd = tempDir(t, { 'app.py': app, 'app.ini': ini('') });
    const server = await startServer(t, 'app.ini', { cwd });
    const client = await connect(t, { path: join(cwd, 'f.sock') });
    assert.equal((await client.request('/one')).text, '/one');
    writeFileSync(join(cwd, 'app.ini'), ini('scgi-socket = s.sock\nbuffer-size = 8192'));
    await reload(server);
    await server.line(/^scgi-socket on /);
    assert.equal((await scgiRequest({ path: join(cwd, 's.sock') }, '/two')).text, '/two');
    assert.equal((await client.request('/three')).text, '/three', 'the connection from before');
    writeFileSync(join(cwd, 'app.ini'), ini('vacuum = true'));
    await reload(server);
    await assert.rejects(scgiRequest({ path: join(cwd, 's.sock') }, '/'), { loss: 'refused' });
    assert.equal((await client.request('/four')).text, '/four');
  });
});

test('a client that aborts its request: the iterable is closed, and the worker free', async (t) => {
  const server = await startServer(t, '--fastcgi-socket 127.0.0.1:0 -M -p 1 --wsgi-file close.py');
  const client = await connect(t, server.address('fastcgi-socket'));
  client.send('/aborted?100000');
  await client.record();
  client.write(fcgiRecord(FCGI.abortRequest, 1));
  assert.equal((await client.nextAnswer()).protocolStatus, 0);
  await server.line(/^closed \/aborted 1 left \d+$/);
  assert.equal((await client.request('/next?1')).text.length, 65_536);
});

describe('deadlines', () => {
  test('harakiri is answered 504, queue-timeout 503, and the connection goes on', async (t) => {
    const server = await startServer(t, '--fastcgi-socket 127.0.0.1:0 -M -p 1 -t 2 --queue-timeout 1 --wsgi-file sleep.py');
    const client = await connect(t, server.address('fastcgi-socket'));
    client.write(fcgiMessage('/runs?60', { id: 1 }));
    await server.line(/^began \/runs/);
    client.write(fcgiMessage('/waits?0', { id: 2 }));
    const answers = [await client.nextAnswer(), await client.nextAnswer()];
    assert.deepEqual(
      answers.map(({ id, stdout }) => [id, cgiResponse(stdout).status]),
      [
        [2, 503],
        [1, 504],
      ],
    );
    await eventually('the worker is free again', async () => (await client.request('/?0')).status === 200);
  });

  for (const protocol of PROTOCOLS) {
    test(`socket-timeout ends a ${protocol} client that says nothing`, async (t) => {
      const server = await startServer(t, `--${protocol}-socket 127.0.0.1:0 --socket-timeout 1 --wsgi-file hello.py`);
      const stream = await ByteStream.open(server.address(`${protocol}-socket`));
      assert.equal((await stream.readToEnd()).length, 0);
    });
  }
});

describe('hostile bytes', () => {
  const good = { fastcgi: fcgiMessage('/', { body: 'abc' }), scgi: scgiMessage('/', 'abc') };
  for (const protocol of PROTOCOLS) {
    test(`end the connection, are told of in one line each, and hurt nobody else (${protocol})`, async (t) => {
      const server = await startServer(t, `--${protocol}-socket 127.0.0.1:0 -M --wsgi-file hello.py`);
      const address = server.address(`${protocol}-socket`);
      const cases = [
        Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
        Buffer.from([0, 0, 0, 0, 0, 0, 0, 0]),
        Buffer.alloc(100_000, 0xff),
        Buffer.concat([good[protocol].subarray(0, 3), Buffer.alloc(9000, '!')]),
      ];
      for (const bytes of cases) {
        const answer = (await exchange(address, bytes).catch(() => Buffer.alloc(0))).toString('latin1');
        assert.match(answer, /^(Status: 400 |$)/);
      }
      await eventually(
        'all of them were told of',
        () => server.lines(new RegExp(`^\\[gateway\\] .*malformed ${protocol} request`)).length === cases.length,
      );
      assert.match(await textOf(protocol, address, '/'), /Hello World!$/);
    });
  }
});

async function reload(server: Server): Promise<void> {
  const before = server.lines(/reloaded: /).length;
  server.signal('SIGHUP');
  await eventually('it has reloaded', () => server.lines(/reloaded: /).length > before);
}
