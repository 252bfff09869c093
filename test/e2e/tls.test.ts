/** HTTPS by the real server: who serves it, and how certificates come and go. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { formatAddress, freePort } from '../helpers/address.ts';
import { exchange, fetchOnce, HttpConnection, parseResponse } from '../helpers/http.ts';
import { type CertificateFiles, clientOf, makeCertificate } from '../helpers/certificates.ts';
import { Http2Client } from '../helpers/http2.ts';
import { startLoad } from '../helpers/load.ts';
import { NOT_ROOT, requires } from '../helpers/requirements.ts';
import type { Scope } from '../helpers/scope.ts';
import { type Door, runServer, startServer, type Server } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

const ANY = { rejectUnauthorized: false };

function make(t: Scope, name = 'localhost'): CertificateFiles & { readonly dir: string } {
  const dir = tempDir(t);
  return { dir, ...makeCertificate(dir, name) };
}

const option = (door: string, { certificate, key }: CertificateFiles): string[] => [`--${door}`, `127.0.0.1:0,${certificate},${key}`];

async function environ(server: Server, door: Door): Promise<Record<string, readonly [string, string]>> {
  const { text } = await fetchOnce(server.address(door), '/', { tls: ANY });
  return JSON.parse(text) as Record<string, readonly [string, string]>;
}

/** Whose certificate a client sees who comes now. */
async function nameNow(server: Server): Promise<string> {
  const client = await HttpConnection.open(server.address('https'), ANY);
  const { subject } = client.stream.tls.getPeerCertificate();
  client.close();
  return String(subject.CN);
}

describe('HTTPS', { skip: requires('openssl') }, () => {
  for (const { door, router, master } of [
    { door: 'https', router: ['str', 'http'], master: [] },
    { door: 'https', router: ['str', 'http'], master: ['-M', '-p', '2'] },
    { door: 'https-socket', router: undefined, master: ['-M'] },
  ] as const) {
    test(`is served at ${door}${master.length > 0 ? ' by a gateway of its own' : ''}, and the application knows`, async (t) => {
      const server = await startServer(t, [...option(door, make(t)), ...master, '--wsgi-file', 'environ.py']);
      const found = await environ(server, door);
      assert.deepEqual([found['HTTPS'], found['wsgi.url_scheme'], found['UWSGI_ROUTER']], [['str', 'on'], ['str', 'https'], router]);
      assert.ok(
        server.lines(new RegExp(`^${door} on 127\\.0\\.0\\.1:\\d+, its certificate is good until \\d{4}-\\d\\d-\\d\\d$`)).length > 0,
      );
    });
  }

  test('may be written with names, and the certificate of a host may come from a folder', async (t) => {
    const { certificate, key } = make(t);
    const folder = make(t, 'one.test').dir;
    const server = await startServer(t, [
      '--https2',
      `addr=127.0.0.1:0,cert=${certificate},key=${key}`,
      '--sni-dir',
      folder,
      '--wsgi-file',
      'hello.py',
    ]);
    const client = await HttpConnection.open(server.address('https'), { ...ANY, servername: 'one.test' });
    assert.equal(client.stream.tls.getPeerCertificate().subject.CN, 'one.test');
    assert.equal((await client.request('/')).text, 'Hello World!');
    client.close();
  });

  test('wants a certificate of the client where it is told to', async (t) => {
    const { dir, certificate, key } = make(t);
    const by = makeCertificate(dir, 'ca', { isAuthority: true });
    const address = `127.0.0.1:0,${certificate},${key},HIGH,!${by.certificate}`;
    const server = await startServer(t, ['--https', address, '--https-export-cert', '--wsgi-file', 'environ.py']);
    await assert.rejects(fetchOnce(server.address('https'), '/', { tls: ANY }));
    await server.line(/no certificate of the client: not let in/);
    const client = clientOf(makeCertificate(dir, 'alice', { by }));
    const { text } = await fetchOnce(server.address('https'), '/', { tls: { ...ANY, ...client } });
    const found = JSON.parse(text) as Record<string, readonly [string, string]>;
    assert.deepEqual(found['HTTPS_DN'], ['str', '/CN=alice']);
    assert.equal(found['HTTPS_CC']?.[1], client.cert);
  });

  test('is what http-to-https sends clients to', async (t) => {
    const server = await startServer(t, ['--http-to-https', '127.0.0.1:0', ...option('https', make(t)), '--wsgi-file', 'hello.py']);
    const at = server.address('http-to-https');
    const location = async (head: string) => parseResponse(await exchange(at, `${head}\r\nConnection: close\r\n\r\n`)).header('location');
    assert.equal(await location('GET /a?b=c HTTP/1.1\r\nHost: a.test:8080'), 'https://a.test/a?b=c');
    assert.equal(await location('GET http://b.test:80/p?q HTTP/1.1\r\nHost: a.test'), 'https://b.test/p?q');
    assert.equal(await location('OPTIONS * HTTP/1.1\r\nHost: [::1]:8080'), 'https://[::1]/');
    const response = await fetchOnce(at, '/', { method: 'POST', body: 'x'.repeat(100_000) });
    assert.deepEqual([response.status, response.text], [301, '301 Moved Permanently\n']);
    assert.equal((await fetchOnce(at, '/', { version: 'HTTP/1.0', headers: { Host: '' } })).status, 400);
  });
});

describe('HTTP/2', { skip: requires('openssl', 'curl') }, () => {
  const curl = promisify(execFile);
  const asked = ['--silent', '--show-error', '--insecure', '--http2', '--max-time', '20', '--write-out', '\\n%{http_version} %{http_code}'];

  test('is what clients choose who know it: curl has its environ, and sends and gets much', async (t) => {
    const files = make(t);
    const server = await startServer(t, [...option('https', files), '-M', '-p', '2', '--wsgi-file', 'digest.py']);
    const large = join(files.dir, 'large');
    writeFileSync(large, Buffer.alloc(20 * 1024 * 1024, 'up it goes'));
    const url = `https://${formatAddress(server.address('https'))}`;
    const digest = createHash('sha256').update(readFileSync(large)).digest('hex');
    const { stdout } = await curl('curl', [...asked, '--upload-file', large, `${url}/up`]);
    assert.equal(stdout, `${String(20 * 1024 * 1024)} ${digest}\n2 200`);
    const chunked = await curl('sh', ['-c', `curl ${asked.map((word) => `'${word}'`).join(' ')} -X POST -T - ${url}/up < ${large}`]);
    assert.equal(chunked.stdout, stdout);
  });

  test('many requests on one connection go through a reload: those that run are answered, and GOAWAY sends the others to a new one', async (t) => {
    const files = make(t);
    const config = join(files.dir, 'app.ini');
    const port = await freePort();
    const write = (more: string) =>
      writeFileSync(
        config,
        `[uwsgi]\nhttps = 127.0.0.1:${String(port)},${files.certificate},${files.key}${more}\nwsgi-file = sleep.py\nmaster = true\n`,
      );
    write('');
    const server = await startServer(t, [config]);
    const client = await Http2Client.open(t, port);
    const running = client.request('/?1');
    await server.line(/^began/);
    // Other ciphers make it another address to listen on.
    write(',HIGH');
    server.signal('SIGHUP');
    assert.equal((await running).status, 200);
    await client.closed;
    assert.deepEqual(client.goaways, [0]);
    await server.line(/reloaded: 1 new workers? serves?/);
    const next = await Http2Client.open(t, port);
    assert.equal((await next.request('/?0')).status, 200);
  });

  test('has files from the gateway, whole and in part', async (t) => {
    const files = make(t);
    const folder = tempDir(t);
    const large = Buffer.alloc(5 * 1024 * 1024, 'a file that is sent in pieces; ');
    writeFileSync(join(folder, 'large.txt'), large);
    const server = await startServer(t, [...option('https', files), '-M', '--static-map', `/s=${folder}`, '--wsgi-file', 'hello.py']);
    const client = await Http2Client.open(t, (server.address('https') as { port: number }).port);
    const whole = await client.request('/s/large.txt');
    assert.deepEqual([whole.status, whole.body.equals(large)], [200, true]);
    const part = await client.request('/s/large.txt', { range: 'bytes=10-29' });
    assert.deepEqual([part.status, part.text], [206, large.toString('latin1', 10, 30)]);
    assert.equal((await client.request('/s/large.txt', { ':method': 'HEAD' })).headers['content-length'], String(large.length));
    assert.equal((await client.request('/')).text, 'Hello World!');
  });

  test('is not spoken with http2 = false', async (t) => {
    const server = await startServer(t, [...option('https', make(t)), '--http2=false', '--wsgi-file', 'hello.py']);
    const { stdout } = await curl('curl', [...asked, `https://${formatAddress(server.address('https'))}/`]);
    assert.equal(stdout, 'Hello World!\n1.1 200');
  });
});

describe('the PROXY protocol', () => {
  test('tells who the client is, at a gateway of its own', async (t) => {
    const server = await startServer(t, '--http-socket 127.0.0.1:0 --enable-proxy-protocol -M --wsgi-file environ.py');
    const request = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    const { text } = parseResponse(await exchange(server.address('http-socket'), `PROXY TCP4 192.0.2.1 192.0.2.9 51234 443\r\n${request}`));
    const found = JSON.parse(text) as Record<string, readonly [string, string]>;
    const keys = ['REMOTE_ADDR', 'REMOTE_PORT', 'SERVER_ADDR', 'SERVER_PORT'];
    assert.deepEqual(
      keys.map((key) => found[key]?.[1]),
      ['192.0.2.1', '51234', '192.0.2.9', '443'],
    );
    assert.equal((await exchange(server.address('http-socket'), request).catch(() => Buffer.alloc(0))).length, 0);
    await server.line(/malformed PROXY header: no header; the connection was closed/);
  });
});

// At the same time: they mostly wait.
describe('a certificate that is exchanged', { concurrency: 3, skip: requires('openssl') }, () => {
  async function start(t: Scope) {
    const files = make(t, 'old');
    const server = await startServer(t, [...option('https', files), '-M', '-p', '2', '--wsgi-file', 'hello.py']);
    return { server, files, other: makeCertificate(tempDir(t), 'new') };
  }

  test('is seen by those who come, and those who are there go on', async (t) => {
    const { server, files, other } = await start(t);
    const client = await HttpConnection.open(server.address('https'), ANY);
    copyFileSync(other.certificate, files.certificate);
    copyFileSync(other.key, files.key);
    await server.line(/the certificate was read anew, its certificate is good until/);
    assert.equal(await nameNow(server), 'new');
    assert.equal((await client.request('/')).text, 'Hello World!');
    client.close();
  });

  test('may be a link that is turned, as certbot does', async (t) => {
    const { dir, certificate, key } = make(t, 'old');
    const other = makeCertificate(dir, 'new');
    const live = { certificate: join(dir, 'live.crt'), key: join(dir, 'live.key') };
    const link = (to: CertificateFiles) => {
      for (const what of ['certificate', 'key'] as const) {
        symlinkSync(to[what], `${live[what]}.tmp`);
        renameSync(`${live[what]}.tmp`, live[what]);
      }
    };
    link({ certificate, key });
    const server = await startServer(t, [...option('https', live), '-M', '--wsgi-file', 'hello.py']);
    assert.equal(await nameNow(server), 'old');
    link(other);
    await server.line(/the certificate was read anew/);
    assert.equal(await nameNow(server), 'new');
  });

  test('and is broken leaves the old one in its place, until it is mended', async (t) => {
    const { server, files, other } = await start(t);
    copyFileSync(other.certificate, files.certificate);
    await server.line(/goes on with the certificate that it has: https: the key .* does not belong to the certificate/);
    assert.equal(await nameNow(server), 'old');
    copyFileSync(other.key, files.key);
    await server.line(/the certificate was read anew/);
    assert.equal(await nameNow(server), 'new');
  });

  test('is read at a reload as well, with nothing lost', async (t) => {
    const files = make(t, 'old');
    const config = join(files.dir, 'app.ini');
    const port = await freePort();
    const write = ({ certificate, key }: CertificateFiles) =>
      writeFileSync(
        config,
        `[uwsgi]\nhttps = 127.0.0.1:${String(port)},${certificate},${key}\nhttp = 127.0.0.1:0\nwsgi-file = hello.py\nmaster = true\n`,
      );
    write(files);
    const server = await startServer(t, [config]);
    const load = startLoad(t, server.address('http'));
    const other = makeCertificate(files.dir, 'new');
    write(other);
    server.signal('SIGHUP');
    await server.line(/reloaded: 1 new workers? serves?/);
    assert.equal(await nameNow(server), 'new');
    write({ ...other, key: files.key });
    server.signal('SIGHUP');
    await server.line(/does not belong to the certificate/);
    assert.equal(await nameNow(server), 'new');
    assert.deepEqual((await load.stop()).lost, {});
  });

  test(
    'of which only root may read the key is read before root is given up, and later said to be unreadable',
    { skip: NOT_ROOT },
    async (t) => {
      const files = make(t, 'old');
      chmodSync(files.key, 0o600);
      const server = await startServer(t, [
        ...option('https', files),
        '-M',
        '--uid',
        'nobody',
        '--gid',
        'nogroup',
        '--wsgi-file',
        'hello.py',
      ]);
      assert.equal(await nameNow(server), 'old');
      const other = makeCertificate(tempDir(t), 'new');
      copyFileSync(other.certificate, files.certificate);
      copyFileSync(other.key, files.key);
      await server.line(/goes on with the certificate that it has: https: cannot read the key .*: permission denied \(.*chgrp/);
      assert.equal(await nameNow(server), 'old');
      server.signal('SIGHUP');
      await server.line(/reloaded: 1 new workers? serves?/);
      assert.equal(await nameNow(server), 'old');
      chmodSync(files.key, 0o644);
      await server.line(/the certificate was read anew/);
      assert.equal(await nameNow(server), 'new');
    },
  );

  test('outlives its gateway', async (t) => {
    const { server, files, other } = await start(t);
    copyFileSync(other.certificate, files.certificate);
    copyFileSync(other.key, files.key);
    await server.line(/the certificate was read anew/);
    const [, pid] = await server.line(/gateway \(pid (\d+)\) listening/);
    process.kill(Number(pid), 'SIGKILL');
    await server.line(/the gateway ended \(SIGKILL\): starting it again/);
    assert.equal(await nameNow(server), 'new');
  });
});

describe('a server does not start', { skip: requires('openssl') }, () => {
  const failing = async (t: Scope, ...flags: string[]) => {
    const { status, output } = await runServer(t, [...flags, '--wsgi-file', 'hello.py']);
    assert.equal(status, 1, output);
    return output;
  };

  test('without a certificate', async (t) => {
    assert.match(await failing(t, '--https', ':0'), /"https" takes ADDRESS,CERT,KEY\[,CIPHERS\[,CLIENT_CA\]\], not ":0"/);
  });

  test('with a certificate that is not there', async (t) => {
    const { key } = make(t);
    const output = await failing(t, '--https', `:0,/nowhere/a.crt,${key}`);
    assert.match(output, /https: cannot read the certificate \/nowhere\/a\.crt: no such file or directory/);
    assert.match(output, /TSU_TLS/);
  });

  test('with the key of another certificate', async (t) => {
    const { certificate } = make(t);
    assert.match(await failing(t, '--https-socket', `:0,${certificate},${make(t).key}`), /https-socket: the key .* does not belong to/);
  });

  test('with the certificate in the place of the key', async (t) => {
    const { certificate } = make(t);
    assert.match(
      await failing(t, '--sni', `a ${certificate},${certificate}`, ...option('https', make(t))),
      /sni: .* is no key in PEM form/,
    );
  });
});

test('the key is in no process list and no log', { skip: requires('openssl') }, async (t) => {
  const files = make(t);
  const server = await startServer(t, [...option('https', files), '-M', '--wsgi-file', 'hello.py']);
  const [, secret = 'none'] = readFileSync(files.key, 'utf8').split('\n');
  await fetchOnce(server.address('https'), '/', { tls: ANY });
  for (const { pid } of server.family()) assert.ok(!readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').includes(secret));
  assert.ok(!server.log.includes(secret));
});
