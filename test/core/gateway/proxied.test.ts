import assert from 'node:assert/strict';
import { connect as connectTls } from 'node:tls';
import { describe, test } from 'node:test';
import { ByteStream } from '../../helpers/byte-stream.ts';
import { clientOf, makeCertificate } from '../../helpers/certificates.ts';
import { eventually } from '../../helpers/eventually.ts';
import { proxyBlock, tcp4 } from '../../helpers/proxy.ts';
import { requires } from '../../helpers/requirements.ts';
import { onEnd, type Scope } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';
import { RunningGateway } from './running-gateway.ts';

const LINE = 'PROXY TCP4 192.0.2.1 192.0.2.9 51234 443\r\n';
const BLOCK = proxyBlock(0x21, 0x11, tcp4('192.0.2.1', '192.0.2.9', [51234, 443]));
const REQUEST = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';

async function start(t: Scope, wanted: Parameters<typeof RunningGateway.start>[1] = {}) {
  const gateway = await RunningGateway.start(t, { socketTimeoutMs: 0, proxyProtocol: true, ...wanted });
  const client = await gateway.client();
  return { gateway, slot: gateway.slot(), client };
}

describe('behind a load balancer', () => {
  for (const { what, header } of [
    { what: 'version 1', header: Buffer.from(LINE) },
    { what: 'version 2', header: BLOCK },
  ]) {
    test(`the client is the one of the header (${what}), for all requests`, async (t) => {
      const { slot, client } = await start(t);
      client.sendRaw(Buffer.concat([header, Buffer.from(REQUEST + REQUEST)]), 'GET', 'GET');
      for (let request = 0; request < 2; request++) {
        const { environ } = await slot.serve('hi');
        assert.deepEqual([environ['REMOTE_ADDR'], environ['REMOTE_PORT'], environ['PATH_INFO']], ['192.0.2.1', '51234', '/x']);
        assert.notEqual(environ['SERVER_PORT'], '443');
        assert.equal((await client.response()).text, 'hi');
      }
    });

    test(`the header may come byte by byte (${what})`, async (t) => {
      const { slot, client } = await start(t);
      for (const byte of header) await client.stream.written(Buffer.from([byte]));
      client.sendRaw(REQUEST, 'GET');
      assert.equal((await slot.serve('hi')).environ['REMOTE_ADDR'], '192.0.2.1');
      assert.equal((await client.response()).text, 'hi');
    });
  }

  test('a socket of HTTP tells where the client went to as well, as in uWSGI', async (t) => {
    const { slot, client } = await start(t, { option: 'http-socket' });
    client.sendRaw(LINE + REQUEST, 'GET');
    const { environ } = await slot.serve('');
    assert.deepEqual(
      ['REMOTE_ADDR', 'REMOTE_PORT', 'SERVER_ADDR', 'SERVER_PORT'].map((key) => environ[key]),
      ['192.0.2.1', '51234', '192.0.2.9', '443'],
    );
  });

  for (const { what, header } of [
    { what: 'UNKNOWN', header: Buffer.from('PROXY UNKNOWN\r\n') },
    { what: 'LOCAL', header: proxyBlock(0x20, 0, Buffer.alloc(0)) },
  ]) {
    test(`with ${what} the client is the balancer`, async (t) => {
      const { slot, client } = await start(t);
      client.sendRaw(Buffer.concat([header, Buffer.from(REQUEST)]), 'GET');
      assert.equal((await slot.serve('')).environ['REMOTE_ADDR'], '127.0.0.1');
    });
  }

  test('a client on a Unix socket has no address', async (t) => {
    const { slot, client } = await start(t);
    client.sendRaw(Buffer.concat([proxyBlock(0x21, 0x31, Buffer.alloc(216)), Buffer.from(REQUEST)]), 'GET');
    const { environ } = await slot.serve('');
    assert.deepEqual([environ['REMOTE_ADDR'], 'REMOTE_PORT' in environ], ['', false]);
  });

  test('a line about a request names the client of the header', async (t) => {
    const { gateway, client } = await start(t);
    client.sendRaw(`${LINE}GET / HTTP/1.1\r\n\r\n`, 'GET');
    assert.equal((await client.response()).status, 400);
    assert.deepEqual(gateway.lines, ['[gateway] 192.0.2.1 "GET /" 400: malformed http request: no Host']);
  });

  test('TLS comes after the header', { skip: requires('openssl') }, async (t) => {
    const { cert, key } = clientOf(makeCertificate(tempDir(t), 'localhost'));
    const own = { certificate: cert, key, ciphers: undefined, clientCa: undefined, requiresClient: false };
    const tls = {
      own,
      hosts: [],
      exportsCertificate: false,
      sessionContext: undefined,
      sessionSeconds: 300,
      verifyDepth: 1,
      offersHttp2: true,
    };
    const { slot, client } = await start(t, { option: 'https', tls });
    client.stream.write(LINE);
    const socket = connectTls({ socket: client.stream.socket, rejectUnauthorized: false });
    onEnd(t, () => void socket.destroy());
    socket.write(REQUEST);
    const { environ } = await slot.serve('hi');
    assert.deepEqual([environ['HTTPS'], environ['REMOTE_ADDR']], ['on', '192.0.2.1']);
    const answer = await new Promise((resolve) => socket.once('data', resolve));
    assert.match(String(answer), /^HTTP\/1\.1 200 OK/);
  });

  test('what comes in the same bytes as the header is looked at by TLS', { skip: requires('openssl') }, async (t) => {
    const { cert, key } = clientOf(makeCertificate(tempDir(t), 'localhost'));
    const own = { certificate: cert, key, ciphers: undefined, clientCa: undefined, requiresClient: false };
    const tls = {
      own,
      hosts: [],
      exportsCertificate: false,
      sessionContext: undefined,
      sessionSeconds: 300,
      verifyDepth: 1,
      offersHttp2: true,
    };
    const { gateway, client } = await start(t, { option: 'https', tls });
    client.stream.write(`${LINE}GET / HTTP/1.1\r\nHost: a\r\n\r\n`);
    assert.match((await client.stream.readToEnd()).toString(), /^HTTP\/1\.1 400/);
    assert.match(gateway.lines.join('\n'), /: 192\.0\.2\.1 HTTP without TLS: 400$/);
  });
});

describe('where the header is wanted', () => {
  for (const { what, bytes, reason } of [
    { what: 'a request without one', bytes: REQUEST, reason: 'no header' },
    { what: 'a broken one', bytes: 'PROXY TCP4 x y 1 2\r\n', reason: 'an address that is none of TCP4' },
  ]) {
    test(`${what} ends the connection with a line`, async (t) => {
      const { gateway, slot, client } = await start(t);
      client.stream.write(bytes);
      assert.equal((await client.stream.readToEnd().catch(() => Buffer.alloc(0))).length, 0);
      assert.match(gateway.lines.join('\n'), new RegExp(`: 127\\.0\\.0\\.1 malformed PROXY header: ${reason}; the connection was closed$`));
      assert.equal(slot.receivedBytes, 0);
    });
  }

  test('it has to come in time', async (t) => {
    const { gateway, client } = await start(t, { headTimeoutMs: 50 });
    client.stream.write('PROXY ');
    assert.equal((await client.stream.readToEnd()).length, 0);
    assert.match(gateway.lines.join('\n'), /no PROXY header in time; the connection was closed$/);
  });

  test('a client that leaves before it is let go', async (t) => {
    const { gateway, client } = await start(t);
    client.stream.write('PROXY ');
    client.stream.finish();
    assert.equal((await client.stream.readToEnd()).length, 0);
    assert.deepEqual(gateway.lines, []);
  });

  test('a stop waits for nobody who does not come to the point', async (t) => {
    const { gateway, client } = await start(t, { socketTimeoutMs: 60_000 });
    client.stream.write('PROXY ');
    await eventually('the server has it', () => client.stream.socket.writableLength === 0);
    gateway.gateway.handle({ type: 'stop', how: 'gracefully' });
    await gateway.hasStopped();
    assert.deepEqual(gateway.lines, []);
  });
});

test('where it is not wanted it is no request', async (t) => {
  const gateway = await RunningGateway.start(t);
  const stream = await ByteStream.open({ host: '127.0.0.1', port: gateway.port });
  stream.write(LINE + REQUEST);
  assert.match((await stream.readToEnd()).toString(), /^HTTP\/1\.\d 400 /);
});
