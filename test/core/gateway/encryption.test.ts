/** TLS in front of a connection that is otherwise as any: who is let in, with which certificate, and that nothing of the rest is lost. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { describe, test } from 'node:test';
import type { Credentials, Identity } from '../../../src/core/plan/tls.ts';
import { KIND, REQUEST_FLAG, RESPONSE_FLAG } from '../../../src/core/wire/messages.ts';
import { ByteStream } from '../../helpers/byte-stream.ts';
import { type CertificateFiles, chain, clientOf, makeCertificate, type Wanted } from '../../helpers/certificates.ts';
import { eventually } from '../../helpers/eventually.ts';
import { exchange, parseResponse } from '../../helpers/http.ts';
import { Http2Client } from '../../helpers/http2.ts';
import { requires } from '../../helpers/requirements.ts';
import { onEnd, OwnScope, type Scope } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';
import { RunningGateway, UNBUFFERED } from './running-gateway.ts';

const MEGABYTE = 1024 * 1024;
/** Clients of these tests look at the certificates themselves. */
const ANY: ConnectionOptions = { rejectUnauthorized: false };

/** A folder in which certificates are made. */
class Authorities {
  readonly dir: string;
  readonly authority: CertificateFiles;

  constructor(scope: Scope) {
    this.dir = tempDir(scope);
    this.authority = this.make('ca', { isAuthority: true });
  }

  make(name: string, wanted: Wanted = {}): CertificateFiles {
    return makeCertificate(this.dir, name, wanted);
  }

  /** A client's certificate with so many authorities between it and the one that is trusted. */
  client(depth = 0): ConnectionOptions {
    let by = this.authority;
    const between: CertificateFiles[] = [];
    for (let level = 0; level < depth; level++) {
      by = this.make(`between-${String(level)}`, { by, isAuthority: true });
      between.unshift(by);
    }
    const subject = '/C=GR/O=Acme, Inc./CN=alice Ω';
    return { ...ANY, ...clientOf(chain(this.make('client', { by, subject }), ...between)) };
  }

  identity(name: string, more: Partial<Identity> = {}): Identity {
    const { cert, key } = clientOf(this.make(name));
    return { certificate: cert, key, ciphers: undefined, clientCa: undefined, requiresClient: false, ...more };
  }

  get trusted(): string {
    return clientOf(this.authority).cert;
  }

  credentials(own: Partial<Identity> = {}, more: Partial<Credentials> = {}): Credentials {
    const terms = { exportsCertificate: false, sessionContext: undefined, sessionSeconds: 300, verifyDepth: 1, offersHttp2: true };
    return { ...terms, own: this.identity('own', own), hosts: [], ...more };
  }
}

async function start(t: Scope, tls: Credentials, wanted: Parameters<typeof RunningGateway.start>[1] = {}) {
  const gateway = await RunningGateway.start(t, { option: 'https', socketTimeoutMs: 0, ...wanted, tls });
  return { gateway, slot: gateway.slot(), address: { host: '127.0.0.1', port: gateway.port } };
}

const nameOf = (stream: ByteStream): string => String(stream.tls.getPeerCertificate().subject.CN);

describe('a client that speaks TLS', { skip: requires('openssl') }, () => {
  const scope = new OwnScope('certificates');
  const made = new Authorities(scope);
  test.after(() => scope.end());

  test('is served as any, and the application knows', async (t) => {
    const { gateway, slot } = await start(t, made.credentials());
    const client = await gateway.client(ANY);
    client.send('/one');
    const { environ } = await slot.serve('one');
    assert.equal((await client.response()).text, 'one');
    assert.deepEqual([environ['HTTPS'], environ['REMOTE_ADDR'], environ['UWSGI_ROUTER']], ['on', '127.0.0.1', 'http']);
    assert.equal(environ['REMOTE_PORT'], String(client.stream.socket.localPort));
    client.send('/two');
    await slot.serve('two');
    assert.equal((await client.response()).text, 'two');
    assert.deepEqual(gateway.lines, []);
  });

  test('on a Unix socket is served as well', async (t) => {
    const { gateway, slot } = await start(t, made.credentials());
    const stream = await ByteStream.openTls({ path: gateway.path }, ANY);
    stream.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await slot.serve('hi');
    assert.equal(parseResponse(await stream.readToEnd()).text, 'hi');
  });

  for (const { version, text } of [
    { version: 'TLSv1.2', text: 'TLSv1.2' },
    { version: 'TLSv1.3', text: 'TLSv1.3' },
  ] as const) {
    test(`may speak ${version}, also with a list of ciphers that is older`, async (t) => {
      const { gateway } = await start(t, made.credentials({ ciphers: 'HIGH' }));
      const { stream } = await gateway.client({ ...ANY, minVersion: version, maxVersion: version });
      assert.equal(stream.tls.getProtocol(), text);
    });
  }

  test('that knows only old versions is told, and the log has a line', async (t) => {
    const { gateway } = await start(t, made.credentials());
    const old = { ...ANY, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await assert.rejects(gateway.client(old), /protocol version/);
    await eventually('a line', () => gateway.lines.length > 0);
    assert.match(gateway.lines.join('\n'), /^\[gateway\] 127\.0\.0\.1:\d+: 127\.0\.0\.1 no TLS: unsupported protocol$/);
  });

  test('that comes back resumes its session', async (t) => {
    const { gateway, slot } = await start(t, made.credentials());
    const first = await gateway.client({ ...ANY, maxVersion: 'TLSv1.2' });
    const session = first.stream.tls.getSession();
    const second = await gateway.client({ ...ANY, maxVersion: 'TLSv1.2', session });
    assert.ok(second.stream.tls.isSessionReused());
    second.send('/');
    await slot.serve('again');
    assert.equal((await second.response()).text, 'again');
  });

  test('that does not read makes the worker wait, and has all of it in the end', async (t) => {
    const { gateway, slot } = await start(t, made.credentials());
    const client = await gateway.client(ANY);
    client.send('/');
    const { id } = await slot.next();
    slot.respond(id, { flags: 0 });
    for (let piece = 0; piece < 64; piece++) slot.more(id, Buffer.alloc(MEGABYTE / 8, piece));
    slot.end(id);
    await eventually('the slot has to wait', () => slot.socket.writableLength > 0);
    const { body } = await client.response();
    assert.equal(body.length, 8 * MEGABYTE);
    assert.ok(body.every((byte, at) => byte === Math.floor(at / (MEGABYTE / 8))));
  });

  test('that never reads is let go in time', async (t) => {
    const { gateway, slot } = await start(t, made.credentials(), { socketTimeoutMs: 100 });
    const client = await gateway.client(ANY);
    client.send('/');
    const { id } = await slot.next();
    slot.respond(id, { flags: 0 });
    for (let piece = 0; piece < 64; piece++) slot.more(id, Buffer.alloc(MEGABYTE / 8));
    assert.equal((await slot.next()).kind, KIND.cancel);
  });

  test('waits with its body while the worker does not read', async (t) => {
    const { gateway, slot } = await start(t, made.credentials(), UNBUFFERED);
    const client = await gateway.client(ANY);
    const size = 32 * MEGABYTE;
    client.sendRaw(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${String(size)}\r\n\r\n`, 'POST');
    client.stream.write(Buffer.alloc(100_000));
    const { id, body } = await slot.next();
    slot.socket.pause();
    client.stream.write(Buffer.alloc(size - 100_000));
    await eventually('the client has to wait', () => client.stream.socket.writableLength > 0);
    slot.socket.resume();
    let received = body.length;
    for (let isLast = false; !isLast;) {
      const frame = await slot.next();
      received += frame.body.length;
      isLast = frame.flags === REQUEST_FLAG.complete;
    }
    assert.equal(received, size);
    slot.respond(id, { body: 'all' });
    assert.equal((await client.response()).text, 'all');
  });

  test('sees that a response breaks off whose end only the connection tells', async (t) => {
    const { gateway, slot } = await start(t, made.credentials());
    const client = await gateway.client(ANY);
    client.send('/', { version: 'HTTP/1.0' });
    const { id } = await slot.next();
    slot.respond(id, { flags: 0, body: 'begun' });
    await client.responseHead();
    slot.end(id, RESPONSE_FLAG.aborted);
    await assert.rejects(client.stream.readToEnd(), { loss: 'reset' });
  });

  test('that ends its side hears the answer of what runs', async (t) => {
    const { gateway, slot } = await start(t, made.credentials());
    const { stream } = await gateway.client({ ...ANY, allowHalfOpen: true } as ConnectionOptions);
    stream.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    stream.finish();
    await slot.serve('heard');
    assert.equal(parseResponse(await stream.readToEnd()).text, 'heard');
  });

  test('that leaves takes its request with it', async (t) => {
    const { gateway, slot } = await start(t, made.credentials());
    const client = await gateway.client(ANY);
    client.send('/');
    const { id } = await slot.next();
    client.close();
    slot.respond(id, { body: 'x', flags: 0 });
    slot.more(id, 'y');
    assert.equal((await slot.next()).kind, KIND.cancel);
  });

  test('has its response when the gateway stops', async (t) => {
    const { gateway, slot } = await start(t, made.credentials());
    const client = await gateway.client(ANY);
    client.send('/');
    const { id } = await slot.next();
    gateway.gateway.handle({ type: 'stop', how: 'gracefully' });
    slot.respond(id, { body: 'last' });
    const response = await client.response();
    assert.deepEqual([response.text, response.header('connection')], ['last', 'close']);
    assert.equal((await client.stream.readToEnd()).length, 0);
    await gateway.hasStopped();
  });
});

describe('a handshake', { skip: requires('openssl') }, () => {
  const scope = new OwnScope('certificates');
  const made = new Authorities(scope);
  test.after(() => scope.end());

  test('that does not come in time ends with a line', async (t) => {
    const { gateway, address } = await start(t, made.credentials(), { headTimeoutMs: 50 });
    assert.equal((await exchange(address, Buffer.from([0x16, 3, 1, 2]))).length, 0);
    assert.match(gateway.lines.join('\n'), /127\.0\.0\.1 no TLS: the handshake did not come to its end in time$/);
  });

  test('that never begins because the client leaves is not worth a line', async (t) => {
    const { gateway, slot, address } = await start(t, made.credentials());
    const silent = await ByteStream.open(address);
    silent.finish();
    await silent.readToEnd();
    const client = await gateway.client(ANY);
    client.send('/');
    await slot.serve('');
    await client.response();
    assert.deepEqual(gateway.lines, []);
  });

  test('that is HTTP is answered 400 in plain text, with a line', async (t) => {
    const { gateway, address } = await start(t, made.credentials());
    const response = parseResponse(await exchange(address, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
    assert.deepEqual([response.status, response.text], [400, '400 Bad Request\nThis address speaks HTTPS: use https://\n']);
    assert.match(gateway.lines.join('\n'), /127\.0\.0\.1 HTTP without TLS: 400$/);
  });

  test('that is anything else ends with a line, and many of them with one', async (t) => {
    const { gateway, slot, address } = await start(t, made.credentials());
    for (let attempt = 0; attempt < 5; attempt++)
      await exchange(address, 'anything else, and long enough to be looked at').catch(() => undefined);
    const client = await gateway.client(ANY);
    client.send('/');
    await slot.serve('on it goes');
    assert.equal((await client.response()).text, 'on it goes');
    assert.equal(gateway.lines.length, 1, gateway.lines.join('\n'));
    assert.match(gateway.lines.join('\n'), /no TLS: wrong version number$/);
  });

  test('that is on its way when the gateway stops may end, and is cut short in time if it does not', async (t) => {
    const { gateway, address } = await start(t, made.credentials(), { socketTimeoutMs: 60_000 });
    const silent = connect(address);
    onEnd(t, () => void silent.destroy());
    await gateway.client(ANY);
    gateway.gateway.handle({ type: 'stop', how: 'gracefully' });
    await gateway.hasStopped();
    assert.deepEqual(gateway.lines, []);
  });
});

describe('the certificate of an address', { skip: requires('openssl') }, () => {
  const scope = new OwnScope('certificates');
  const made = new Authorities(scope);
  test.after(() => scope.end());

  const hosts: Credentials['hosts'] = [
    { match: { kind: 'name', name: 'one.test' }, identity: made.identity('one.test') },
    { match: { kind: 'pattern', pattern: '\\.two\\.test$' }, identity: made.identity('two.test') },
  ];

  for (const { servername, name } of [
    { servername: 'one.test', name: 'one.test' },
    { servername: 'ONE.test', name: 'one.test' },
    { servername: 'www.two.test', name: 'two.test' },
    { servername: 'two.test', name: 'own' },
    { servername: '', name: 'own' },
  ]) {
    test(`for "${servername}" is that of ${name}`, async (t) => {
      const { gateway } = await start(t, made.credentials({}, { hosts }));
      const { stream } = await gateway.client({ ...ANY, servername });
      assert.equal(nameOf(stream), name);
    });
  }

  test('may be exchanged: those who are there go on, those who come see the new one', async (t) => {
    const { gateway, slot } = await start(t, made.credentials({}, { hosts }));
    const before = await gateway.client(ANY);
    const { name } = gateway.plan.listeners[0] ?? { name: '' };
    const renewed = { match: { kind: 'name', name: 'one.test' }, identity: made.identity('renewed-host') } as const;
    gateway.gateway.handle({ type: 'renew', name, tls: { ...made.credentials(), own: made.identity('renewed'), hosts: [renewed] } });
    const after = await gateway.client(ANY);
    const afterToHost = await gateway.client({ ...ANY, servername: 'one.test' });
    assert.deepEqual(
      [before, after, afterToHost].map(({ stream }) => nameOf(stream)),
      ['own', 'renewed', 'renewed-host'],
    );
    before.send('/');
    await slot.serve('still here');
    assert.equal((await before.response()).text, 'still here');
  });
});

describe('the certificate of a client', { skip: requires('openssl') }, () => {
  const scope = new OwnScope('certificates');
  const made = new Authorities(scope);
  test.after(() => scope.end());

  const optional = () => made.credentials({ clientCa: made.trusted });
  const required = () => made.credentials({ clientCa: made.trusted, requiresClient: true });

  async function environOf(t: Scope, credentials: Credentials, options: ConnectionOptions) {
    const { gateway, slot } = await start(t, credentials);
    const client = await gateway.client(options);
    client.send('/');
    const { environ } = await slot.serve('in');
    assert.equal((await client.response()).text, 'in');
    return environ;
  }

  async function refused(t: Scope, credentials: Credentials, options: ConnectionOptions): Promise<string> {
    const { gateway } = await start(t, credentials);
    const attempt = async () => {
      const client = await gateway.client(options);
      client.send('/');
      await client.response();
    };
    await assert.rejects(attempt(), { name: 'ConnectionLost' });
    return gateway.lines.join('\n').replace(/^.*?: 127\.0\.0\.1 /, '');
  }

  test('is told to the application in the form of uWSGI', async (t) => {
    const client = made.client();
    const { raw } = new X509Certificate(String(client.cert));
    const environ = await environOf(t, optional(), client);
    assert.equal(environ['HTTPS_DN'], '/C=GR/O=Acme, Inc./CN=alice \\xCE\\xA9');
    assert.deepEqual(Buffer.from(environ['HTTPS_CLIENT_CERTIFICATE'] ?? '', 'latin1'), raw);
    assert.ok(!('HTTPS_CC' in environ));
  });

  test('is told as text as well where that is wanted', async (t) => {
    const client = made.client();
    const environ = await environOf(t, { ...optional(), exportsCertificate: true }, client);
    assert.equal(environ['HTTPS_CC'], new X509Certificate(String(client.cert)).toString());
  });

  test('may be missing where it is not required', async (t) => {
    const environ = await environOf(t, optional(), ANY);
    assert.deepEqual(
      Object.keys(environ).filter((key) => key.startsWith('HTTPS')),
      ['HTTPS'],
    );
  });

  test('is not asked for where nobody could sign it', async (t) => {
    const environ = await environOf(t, made.credentials(), made.client());
    assert.ok(!('HTTPS_DN' in environ));
  });

  test('opens the door where it is required', async (t) => {
    assert.ok('HTTPS_DN' in (await environOf(t, required(), made.client())));
  });

  test('is still known when the session is resumed', async (t) => {
    const { gateway, slot } = await start(t, required());
    const options = { ...made.client(), maxVersion: 'TLSv1.2' } as const;
    const session = (await gateway.client(options)).stream.tls.getSession();
    const client = await gateway.client({ ...ANY, maxVersion: 'TLSv1.2', session });
    assert.ok(client.stream.tls.isSessionReused());
    client.send('/');
    assert.match((await slot.serve('')).environ['HTTPS_DN'] ?? '', /CN=alice/);
  });

  test('is required: without one nobody is let in', async (t) => {
    assert.equal(await refused(t, required(), ANY), 'no certificate of the client: not let in');
  });

  for (const { what, credentials } of [
    { what: 'where it is required', credentials: required },
    { what: 'where it is not', credentials: optional },
  ]) {
    test(`of somebody else is refused ${what}`, async (t) => {
      const stranger = { ...ANY, ...clientOf(made.make('stranger')) };
      assert.match(await refused(t, credentials(), stranger), /^the certificate of the client is not good \(\w+\): not let in$/);
    });
  }

  test('that has expired is refused', async (t) => {
    const expired = { ...ANY, ...clientOf(made.make('expired', { by: made.authority, hasExpired: true })) };
    assert.match(await refused(t, required(), expired), /CERT_HAS_EXPIRED/);
  });

  test('may have one authority between it and the one that is trusted, and no more unless ssl-verify-depth says so', async (t) => {
    assert.ok('HTTPS_DN' in (await environOf(t, required(), made.client(1))));
    assert.match(await refused(t, required(), made.client(2)), /^2 authorities stand behind/);
    assert.ok('HTTPS_DN' in (await environOf(t, { ...required(), verifyDepth: 2 }, made.client(2))));
  });

  test('has no more authorities behind it at a host of its own either', async (t) => {
    const identity = made.identity('deep.test', { clientCa: made.trusted, requiresClient: true });
    const credentials = made.credentials({}, { hosts: [{ match: { kind: 'name', name: 'deep.test' }, identity }] });
    assert.ok('HTTPS_DN' in (await environOf(t, credentials, { ...made.client(1), servername: 'deep.test' })));
    assert.match(await refused(t, credentials, { ...made.client(2), servername: 'deep.test' }), /^2 authorities stand behind/);
  });

  describe('that one host wants and another does not', () => {
    const other = new Authorities(scope);
    const closed = made.identity('closed.test', { clientCa: made.trusted, requiresClient: true });
    const others = made.identity('others.test', { clientCa: other.trusted });
    const open = made.identity('open.test');
    const hosts: Credentials['hosts'] = [
      { match: { kind: 'name', name: 'closed.test' }, identity: closed },
      { match: { kind: 'name', name: 'others.test' }, identity: others },
      { match: { kind: 'name', name: 'open.test' }, identity: open },
    ];

    for (const { named, asked } of [
      { named: 'open.test', asked: 'closed.test' },
      { named: 'open.test', asked: 'Closed.TEST:443' },
      { named: 'open.test', asked: 'closed.test.' },
      { named: 'nobody.test', asked: 'closed.test' },
      { named: '', asked: 'closed.test' },
      { named: 'closed.test', asked: 'others.test' },
    ]) {
      test(`is wanted of who names "${named}" in the handshake and asks for ${asked}: 421`, async (t) => {
        const { gateway, slot } = await start(t, made.credentials({}, { hosts }));
        const client = await gateway.client({ ...made.client(), servername: named });
        client.send('/', { headers: { Host: asked } });
        assert.equal((await client.response()).status, 421);
        assert.match(gateway.lines.join('\n'), /421: another host was named in the handshake/);
        const http2 = await Http2Client.open(t, gateway.port, { ...made.client(), servername: named });
        assert.equal((await http2.request('/', { ':authority': asked })).status, 421);
        assert.equal(slot.receivedBytes, 0);
      });
    }

    for (const { named, asked } of [
      { named: 'closed.test', asked: 'closed.test:443' },
      { named: 'closed.test', asked: 'open.test' },
      { named: 'open.test', asked: 'nobody.test' },
      { named: '', asked: 'open.test' },
    ]) {
      test(`is enough of who names "${named}" and asks for ${asked}`, async (t) => {
        const { gateway, slot } = await start(t, made.credentials({}, { hosts }));
        const client = await gateway.client({ ...made.client(), servername: named });
        client.send('/', { headers: { Host: asked } });
        await slot.serve('in');
        assert.equal((await client.response()).text, 'in');
      });
    }
  });

  test('of one host does not open another by a resumed session', async (t) => {
    const other = new Authorities(t);
    const identity = made.identity('other.test', { clientCa: other.trusted, requiresClient: true });
    const hosts = [{ match: { kind: 'name', name: 'other.test' }, identity }] as const;
    const { gateway, slot } = await start(t, made.credentials({ clientCa: made.trusted }, { hosts }));
    const first = await gateway.client(made.client());
    const sessions: Buffer[] = [];
    first.stream.tls.on('session', (session: Buffer) => sessions.push(session));
    first.send('/');
    await slot.serve('');
    await first.response();
    const session = sessions.at(-1) ?? first.stream.tls.getSession();
    const attempt = async () => {
      const client = await gateway.client({ ...made.client(), session, servername: 'other.test' });
      client.send('/secret');
      await client.response();
    };
    await assert.rejects(attempt());
    assert.equal(slot.pending.length, 0);
  });
});
