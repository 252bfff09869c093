import assert from 'node:assert/strict';
import { constants, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { describe, test } from 'node:test';
import { KIND, REQUEST_FLAG, RESPONSE_FLAG } from '../../../src/core/wire/messages.ts';
import { ConnectionLost } from '../../helpers/byte-stream.ts';
import { clientOf, makeCertificate } from '../../helpers/certificates.ts';
import { eventually } from '../../helpers/eventually.ts';
import { answerOf, Http2Client } from '../../helpers/http2.ts';
import { FLAG, FRAME, frame, greeting, requestFields } from '../../helpers/http2-frames.ts';
import { requires } from '../../helpers/requirements.ts';
import { OwnScope, type Scope } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';
import type { FakeSlot } from './fake-slot.ts';
import { RunningGateway, UNBUFFERED } from './running-gateway.ts';

const MEGABYTE = 1024 * 1024;

describe('HTTP/2', { skip: requires('openssl') }, () => {
  const scope = new OwnScope('certificates');
  const { cert, key } = clientOf(makeCertificate(tempDir(scope), 'localhost'));
  test.after(() => scope.end());

  const TLS = {
    own: { certificate: cert, key, ciphers: undefined, clientCa: undefined, requiresClient: false },
    ...{ hosts: [], exportsCertificate: false, sessionContext: undefined, sessionSeconds: 300, verifyDepth: 1, offersHttp2: true },
  };

  async function start(t: Scope, wanted: Parameters<typeof RunningGateway.start>[1] = {}) {
    const gateway = await RunningGateway.start(t, { option: 'https', socketTimeoutMs: 0, keepAliveMs: 0, tls: TLS, ...wanted });
    const slot = gateway.slot();
    return { gateway, slot, client: await Http2Client.open(t, gateway.port) };
  }

  /** The size of a body that is read to its end. */
  async function readBody(slot: FakeSlot, first: { flags: number; body: Buffer }): Promise<number> {
    let size = first.body.length;
    for (let { flags } = first; (flags & REQUEST_FLAG.complete) === 0;) {
      const frame = await slot.next();
      size += frame.body.length;
      flags = frame.flags;
    }
    return size;
  }

  describe('a request', () => {
    test('has the environ of HTTP, and says what it came by', async (t) => {
      const { gateway, slot, client } = await start(t);
      const answer = client.request('/a%20b?c', { ':authority': 'a.test', cookie: ['a=1', 'b=2'], 'x-a': '1' });
      const { environ, flags } = await slot.serve('hi');
      assert.equal(flags, REQUEST_FLAG.complete);
      assert.deepEqual(environ, {
        SCRIPT_NAME: '',
        SERVER_NAME: 'box',
        SERVER_PORT: String(gateway.port),
        UWSGI_ROUTER: 'http',
        HTTPS: 'on',
        REMOTE_ADDR: '127.0.0.1',
        REMOTE_PORT: String(client.session.socket.localPort),
        REQUEST_METHOD: 'GET',
        REQUEST_URI: '/a%20b?c',
        PATH_INFO: '/a b',
        QUERY_STRING: 'c',
        SERVER_PROTOCOL: 'HTTP/2',
        HTTP_HOST: 'a.test',
        HTTP_COOKIE: 'a=1; b=2',
        HTTP_X_A: '1',
      });
      const { status, text, headers } = await answer;
      assert.deepEqual([status, text, headers['content-length'], typeof headers.date], [200, 'hi', '2', 'string']);
    });

    test('shares its connection with others, which are answered as they come', async (t) => {
      const { gateway, slot, client } = await start(t);
      const other = gateway.slot({ seat: 1, worker: 2 });
      const answers = [client.request('/one'), client.request('/two')];
      const [one, two] = [await slot.next(), await other.next()];
      other.respond(two.id, { body: two.environ['PATH_INFO'] ?? '' });
      slot.respond(one.id, { body: one.environ['PATH_INFO'] ?? '' });
      assert.deepEqual(
        (await Promise.all(answers)).map(({ text }) => text),
        ['/one', '/two'],
      );
    });

    for (const { what, headers } of [
      { what: 'with a length', headers: { 'content-length': 5 } },
      { what: 'without', headers: {} },
    ]) {
      test(`with a short body (${what}) goes to a worker whole, with its length`, async (t) => {
        const { slot, client } = await start(t);
        const answer = client.request('/', { ':method': 'POST', ...headers }, 'hello');
        const { environ, body, flags } = await slot.serve('');
        assert.deepEqual([environ['CONTENT_LENGTH'], body.toString(), flags], ['5', 'hello', REQUEST_FLAG.complete]);
        assert.equal((await answer).status, 200);
      });
    }

    for (const { what, headers, flags } of [
      { what: 'with a length', headers: { 'content-length': 4 * MEGABYTE }, flags: 0 },
      { what: 'without', headers: {}, flags: REQUEST_FLAG.unknownLength },
    ]) {
      test(`with a long body (${what}) goes to a worker before that is here`, async (t) => {
        const { slot, client } = await start(t, UNBUFFERED);
        const answer = client.request('/', { ':method': 'POST', ...headers }, Buffer.alloc(4 * MEGABYTE, 'b'));
        const first = await slot.next();
        assert.equal(first.flags, flags);
        assert.equal(await readBody(slot, first), 4 * MEGABYTE);
        slot.respond(first.id, { body: 'read' });
        assert.equal((await answer).text, 'read');
      });
    }

    for (const { what, headers } of [
      { what: 'with a length', headers: { 'content-length': 4 * MEGABYTE } },
      { what: 'without', headers: {} },
    ]) {
      test(`with a long body (${what}) is collected before a worker has it, with its length`, async (t) => {
        const { slot, client } = await start(t);
        const stream = client.start('/', { ...headers });
        const answer = answerOf(stream);
        stream.write(Buffer.alloc(3 * MEGABYTE, 'b'));
        const beside = client.request('/beside');
        const { environ } = await slot.serve('first');
        assert.equal(environ['PATH_INFO'], '/beside', 'the slot is free meanwhile');
        assert.equal((await beside).text, 'first');
        stream.end(Buffer.alloc(MEGABYTE, 'b'));
        const first = await slot.next();
        assert.equal(first.environ['CONTENT_LENGTH'], String(4 * MEGABYTE));
        assert.equal(await readBody(slot, first), 4 * MEGABYTE);
        slot.respond(first.id, { body: 'read' });
        assert.equal((await answer).text, 'read');
      });
    }

    test('with a long body of a known length has its worker read that where the gateway has put it', async (t) => {
      const { gateway, slot, client } = await start(t, { sharesBodies: true, bodyMemory: MEGABYTE });
      const body = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
      const answer = client.request('/', { ':method': 'POST', 'content-length': body.length }, body);
      const request = await slot.next();
      assert.equal(request.flags & REQUEST_FLAG.shared, REQUEST_FLAG.shared);
      assert.ok(gateway.sharedBody(request.body).equals(body));
      slot.respond(request.id, { body: 'read' });
      assert.equal((await answer).text, 'read');
    });

    test('waits with its body while its worker does not read, and holds up nobody beside it', async (t) => {
      const { gateway, slot, client } = await start(t, UNBUFFERED);
      const other = gateway.slot({ seat: 1, worker: 2 });
      const size = 32 * MEGABYTE;
      const stream = client.start('/long', { 'content-length': size });
      const answer = answerOf(stream);
      stream.write(Buffer.alloc(100_000));
      const first = await slot.next();
      slot.socket.pause();
      stream.end(Buffer.alloc(size - 100_000));
      await eventually('the client has to wait', () => stream.writableLength > 0);
      const beside = client.request('/beside');
      await other.serve('not held up');
      assert.equal((await beside).text, 'not held up');
      assert.ok(stream.writableLength > 0);
      slot.socket.resume();
      assert.equal(await readBody(slot, first), size);
      slot.respond(first.id, { body: 'all' });
      assert.equal((await answer).text, 'all');
    });

    test('that is reset is abandoned', async (t) => {
      const { slot, client } = await start(t);
      const stream = client.session.request({ ':path': '/' });
      stream.on('error', () => undefined);
      const { id } = await slot.next();
      stream.close(constants.NGHTTP2_CANCEL);
      const { kind, id: cancelled } = await slot.next();
      assert.deepEqual([kind, cancelled], [KIND.cancel, id]);
      const answer = client.request('/next');
      slot.end(id);
      await slot.serve('next');
      assert.equal((await answer).text, 'next');
    });

    test('is abandoned with its connection', async (t) => {
      const { slot, client } = await start(t);
      client.session.request({ ':path': '/' }).on('error', () => undefined);
      await slot.next();
      client.session.destroy();
      assert.equal((await slot.next()).kind, KIND.cancel);
    });

    test('that waits for a worker hears 100 first where it asks for it', async (t) => {
      const { slot, client } = await start(t);
      const stream = client.start('/', { expect: '100-continue' });
      await new Promise((resolve) => stream.once('continue', resolve));
      stream.end('body');
      assert.equal((await slot.serve('')).body.toString(), 'body');
    });
  });

  describe('a request that is refused leaves the others alone:', () => {
    const post = (stream: ClientHttp2Stream, ...pieces: Buffer[]) => {
      for (const piece of pieces) stream.write(piece);
      return answerOf(stream);
    };

    for (const { what, ask, status, wanted } of [
      {
        what: 'one whose fields are too large',
        status: 431,
        wanted: { bufferSize: 1000 },
        ask: (client: Http2Client) => client.request('/', { 'x-a': 'a'.repeat(1200) }),
      },
      {
        what: 'a body that says it is too large',
        status: 413,
        wanted: { limitPost: 10 },
        ask: (client: Http2Client) => post(client.start('/', { 'content-length': 20 }), Buffer.alloc(5)),
      },
      {
        what: 'a body that becomes too large',
        status: 413,
        wanted: { limitPost: 10 },
        ask: (client: Http2Client) => post(client.start('/'), Buffer.alloc(5), Buffer.alloc(6)),
      },
      {
        what: 'a body that does not come',
        status: 408,
        wanted: { socketTimeoutMs: 100 },
        ask: (client: Http2Client) => post(client.start('/'), Buffer.alloc(5)),
      },
    ]) {
      test(`${what} is answered ${String(status)}, with a line`, async (t) => {
        const { gateway, slot, client } = await start(t, wanted);
        const beside = client.request('/beside');
        const { id } = await slot.next();
        assert.equal((await ask(client)).status, status);
        assert.match(gateway.lines.join('\n'), new RegExp(`^\\[gateway\\] 127\\.0\\.0\\.1 "(GET|POST) /" ${String(status)}: `));
        slot.respond(id, { body: 'beside' });
        assert.equal((await beside).text, 'beside');
      });
    }

    test('one with far too many fields is reset', async (t) => {
      const { slot, client } = await start(t, { bufferSize: 1000 });
      await eventually('its settings hold', () => client.session.remoteSettings.maxHeaderListSize === 2000);
      await new Promise((resolve) => client.session.ping(resolve));
      await assert.rejects(client.request('/', { 'x-a': 'a'.repeat(8000) }));
      assert.equal(slot.receivedBytes, 0);
    });
  });

  describe('a response', () => {
    for (const { what, headers, status } of [
      { what: 'to HEAD', headers: { ':method': 'HEAD' }, status: '200 OK' },
      { what: 'of 204', headers: {}, status: '204 No Content' },
      { what: 'of 304', headers: {}, status: '304 Not Modified' },
    ]) {
      test(`${what} has no body`, async (t) => {
        const { slot, client } = await start(t);
        const answer = client.request('/', headers);
        const { id } = await slot.next();
        slot.respond(id, { status, fields: 'X-A: 1\r\nConnection: close\r\n', body: 'not for you', flags: 0 });
        slot.more(id, 'nor this');
        slot.end(id);
        const { text, headers: fields } = await answer;
        assert.deepEqual([text, fields['x-a'], fields.connection], ['', '1', undefined]);
      });
    }

    test('may have hints before it', async (t) => {
      const { slot, client } = await start(t);
      const stream = client.session.request({ ':path': '/' });
      const answer = answerOf(stream);
      const hints = new Promise<IncomingHttpHeaders>((resolve) => stream.once('headers', resolve));
      const { id } = await slot.next();
      slot.hint(id, 'Link: </a.css>; rel=preload\r\nConnection: close\r\n');
      const { ':status': status, link, connection } = await hints;
      assert.deepEqual([status, link, connection], [103, '</a.css>; rel=preload', undefined]);
      slot.respond(id, { body: 'page' });
      assert.equal((await answer).text, 'page');
    });

    test('comes in pieces, each at once', async (t) => {
      const { slot, client } = await start(t);
      const stream = client.session.request({ ':path': '/' });
      const { id } = await slot.next();
      slot.respond(id, { flags: 0 });
      for (const piece of ['first', 'second']) {
        const came = new Promise((resolve) => stream.once('data', (bytes) => resolve(String(bytes))));
        slot.more(id, piece);
        assert.equal(await came, piece);
      }
      const ended = new Promise((resolve) => stream.once('end', resolve));
      slot.end(id);
      await ended;
    });

    for (const { what, break: breakOff } of [
      {
        what: 'that breaks off',
        break: (slot: FakeSlot, id: number) => {
          slot.respond(id, { flags: 0, body: 'begun' });
          slot.end(id, RESPONSE_FLAG.aborted);
        },
      },
      {
        what: 'that is shorter than it said',
        break: (slot: FakeSlot, id: number) => slot.respond(id, { length: 10, fields: 'Content-Length: 10\r\n', body: 'short' }),
      },
    ]) {
      test(`${what} is reset, and the connection goes on`, async (t) => {
        const { slot, client } = await start(t);
        const broken = client.request('/broken');
        breakOff(slot, (await slot.next()).id);
        await assert.rejects(broken, /INTERNAL_ERROR/);
        const answer = client.request('/next');
        await slot.serve('next');
        assert.equal((await answer).text, 'next');
      });
    }

    test('before the body is here lets the client stop, and the connection goes on', async (t) => {
      const { slot, client } = await start(t, UNBUFFERED);
      const stream = client.start('/', { 'content-length': 10 * MEGABYTE });
      const answer = answerOf(stream);
      stream.write(Buffer.alloc(100_000));
      const { id } = await slot.next();
      slot.respond(id, { status: '403 Forbidden', body: 'no' });
      assert.deepEqual([(await answer).status, (await answer).text], [403, 'no']);
      const next = client.request('/next');
      for (let frame = await slot.next(); ; frame = await slot.next()) {
        if (frame.kind !== KIND.request) continue;
        slot.respond(frame.id, { body: 'next' });
        break;
      }
      assert.equal((await next).text, 'next');
    });

    test('waits at its slot for a client that does not read, and arrives whole', async (t) => {
      const { slot, client } = await start(t);
      const stream = client.session.request({ ':path': '/' });
      stream.pause();
      const { id } = await slot.next();
      slot.respond(id, { flags: 0 });
      for (let piece = 0; piece < 64; piece++) slot.more(id, Buffer.alloc(MEGABYTE / 8, piece));
      slot.end(id);
      await eventually('the slot has to wait', () => slot.socket.writableLength > 0);
      const answer = answerOf(stream);
      stream.resume();
      const { body } = await answer;
      assert.equal(body.length, 8 * MEGABYTE);
      assert.ok(body.every((byte, at) => byte === Math.floor(at / (MEGABYTE / 8))));
    });

    test('to a client that never reads ends in time, and the slot is free again', async (t) => {
      const { slot, client } = await start(t, { socketTimeoutMs: 100 });
      const stream = client.session.request({ ':path': '/' });
      stream.on('error', () => undefined);
      stream.pause();
      const { id } = await slot.next();
      slot.respond(id, { flags: 0 });
      for (let piece = 0; piece < 64; piece++) slot.more(id, Buffer.alloc(MEGABYTE / 8));
      assert.equal((await slot.next()).kind, KIND.cancel);
      slot.end(id);
      const answer = client.request('/next');
      await slot.serve('free');
      assert.equal((await answer).text, 'free');
    });
  });

  describe('a connection', () => {
    test('that is told to stop finishes its streams and takes no more', async (t) => {
      const { gateway, slot, client } = await start(t);
      const answer = client.request('/');
      const { id } = await slot.next();
      gateway.gateway.handle({ type: 'stop', how: 'gracefully' });
      await eventually('GOAWAY', () => client.goaways.length > 0);
      slot.respond(id, { body: 'last' });
      assert.equal((await answer).text, 'last');
      await client.closed;
      assert.deepEqual(client.goaways[0], constants.NGHTTP2_NO_ERROR);
      await gateway.hasStopped();
    });

    test('on which nothing happens is closed', async (t) => {
      const { slot, client } = await start(t, { keepAliveMs: 100 });
      const answer = client.request('/');
      await slot.serve('');
      await answer;
      await client.closed;
    });

    test('on which nothing ever came is closed', async (t) => {
      const { client } = await start(t, { socketTimeoutMs: 100 });
      await client.closed;
    });

    test('whose client opens and resets streams over and over is closed', async (t) => {
      const { gateway } = await start(t);
      // By hand: Node's own client of some versions does not hear of the end of such a connection.
      const raw = await gateway.client({ rejectUnauthorized: false, ALPNProtocols: ['h2'] });
      const streams = Array.from({ length: 4000 }, (_, index) => [
        frame(FRAME.headers, 2 * index + 1, { flags: FLAG.all, content: requestFields() }),
        frame(FRAME.resetStream, 2 * index + 1, { content: Buffer.of(0, 0, 0, constants.NGHTTP2_CANCEL) }),
      ]);
      raw.stream.write(Buffer.concat([greeting(), ...streams.flat()]));
      await raw.stream.readToEnd().catch((error: unknown) => assert.ok(error instanceof ConnectionLost && error.loss === 'reset'));
      assert.equal(gateway.reports.filter(({ type }) => type === 'stopped').length, 0);
      const other = await Http2Client.open(t, gateway.port);
      assert.equal(other.session.closed, false);
    });

    test('may have 128 streams at a time', async (t) => {
      const { client } = await start(t);
      await eventually('its settings', () => client.session.remoteSettings.maxConcurrentStreams === 128);
    });

    test('breaks off with bytes that are none of it, with a line', async (t) => {
      const { gateway } = await start(t);
      const raw = await gateway.client({ rejectUnauthorized: false, ALPNProtocols: ['h2'] });
      raw.stream.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await raw.stream.readToEnd().catch(() => undefined);
      await eventually('a line', () => gateway.lines.length > 0);
      assert.match(gateway.lines.join('\n'), /127\.0\.0\.1 HTTP\/2: /);
    });

    /** Sends a frame after which Node's session reads no more, and waits for the end. */
    async function breakOff(gateway: RunningGateway, frame: readonly number[]): Promise<void> {
      const raw = await gateway.client({ rejectUnauthorized: false, ALPNProtocols: ['h2'] });
      raw.stream.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'), Buffer.from(frame)]));
      await raw.stream.readToEnd();
    }

    const DATA_OF_NO_STREAM = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0x78];
    for (const { what, frame } of [
      { what: 'DATA of no stream', frame: DATA_OF_NO_STREAM },
      { what: 'a frame that is too long', frame: [255, 255, 255, 0, 0, 0, 0, 0, 1] },
    ]) {
      test(`that is not read any more after ${what} does not wait for its idle limit`, async (t) => {
        const { gateway } = await start(t, { headTimeoutMs: 50 });
        await breakOff(gateway, frame);
      });
    }

    test('on which nothing happens stays when its client says that it is there', async (t) => {
      const { gateway, slot, client } = await start(t, { headTimeoutMs: 50 });
      await new Promise((resolve) => client.session.once('ping', resolve));
      // Time goes by: as much as would be the end of one that does not answer.
      await breakOff(gateway, DATA_OF_NO_STREAM);
      const answer = client.request('/');
      await slot.serve('still there');
      assert.equal((await answer).text, 'still there');
    });

    test('is not offered where it is not wanted', async (t) => {
      const gateway = await RunningGateway.start(t, { option: 'https', tls: { ...TLS, offersHttp2: false } });
      const client = await gateway.client({ rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] });
      assert.equal(client.stream.tls.alpnProtocol, false);
    });

    test('of a client that knows neither is refused', async (t) => {
      const { gateway } = await start(t);
      await assert.rejects(gateway.client({ rejectUnauthorized: false, ALPNProtocols: ['spdy/3'] }));
    });
  });
});
