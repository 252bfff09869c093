import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { LINGER_MS } from '../../../src/core/gateway/patience.ts';
import { KIND, REQUEST_FLAG, RESPONSE_FLAG } from '../../../src/core/wire/messages.ts';
import { eventually, within } from '../../helpers/eventually.ts';
import type { HttpConnection } from '../../helpers/http.ts';
import { tempDir } from '../../helpers/temp.ts';
import type { FakeSlot, Received } from './fake-slot.ts';
import { KEEPING, RunningGateway, UNBUFFERED } from './running-gateway.ts';

const HEAD = 'Host: test.example\r\n';
const MEGABYTE = 1024 * 1024;
const PIECE = MEGABYTE / 8;
const MUCH = 16 * MEGABYTE;

describe('the environ', () => {
  test('says where the request came from', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    const client = await gateway.client();
    client.send('/a%20b?c', { headers: { 'X-A': '1' } });
    const { environ, id } = await slot.serve('');
    await client.response();
    assert.ok(id > 0);
    assert.deepEqual(environ, {
      SCRIPT_NAME: '',
      SERVER_NAME: 'box',
      SERVER_PORT: String(gateway.port),
      UWSGI_ROUTER: 'http',
      REMOTE_ADDR: '127.0.0.1',
      REMOTE_PORT: String(client.stream.socket.localPort),
      REQUEST_METHOD: 'GET',
      REQUEST_URI: '/a%20b?c',
      PATH_INFO: '/a b',
      QUERY_STRING: 'c',
      SERVER_PROTOCOL: 'HTTP/1.1',
      HTTP_HOST: 'test.example',
      HTTP_X_A: '1',
    });
  });

  test('of http-socket has neither REMOTE_PORT nor UWSGI_ROUTER', async (t) => {
    const gateway = await RunningGateway.start(t, { option: 'http-socket' });
    const slot = gateway.slot();
    (await gateway.client()).send('/');
    const { environ } = await slot.next();
    assert.ok(!('REMOTE_PORT' in environ) && !('UWSGI_ROUTER' in environ));
  });

  test('of a Unix client has an empty address', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    (await gateway.unixClient()).send('/');
    const { environ } = await slot.next();
    assert.equal(environ['REMOTE_ADDR'], '');
    assert.equal(environ['SERVER_PORT'], '80');
  });
});

describe('a connection', () => {
  test('takes one request after another', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    const client = await gateway.client();
    for (const body of ['one', 'two', 'three']) {
      client.send(`/${body}`);
      assert.equal((await slot.serve(body)).environ['PATH_INFO'], `/${body}`);
      const response = await client.response();
      assert.equal(response.text, body);
      assert.equal(response.header('connection'), undefined);
    }
  });

  test('answers pipelined requests in their order, one at a time', async (t) => {
    const gateway = await RunningGateway.start(t, { prefetch: 16 });
    const slot = gateway.slot();
    const client = await gateway.client();
    client.sendRaw(
      `GET /1 HTTP/1.1\r\n${HEAD}\r\nPOST /2 HTTP/1.1\r\n${HEAD}Content-Length: 2\r\n\r\nhiGET /3 HTTP/1.1\r\n${HEAD}\r\n`,
      'GET',
      'POST',
      'GET',
    );
    const first = await slot.next();
    assert.equal(slot.pending.length, 0);
    slot.respond(first.id, { body: '1' });
    assert.equal((await slot.serve('2')).body.toString(), 'hi');
    await slot.serve('3');
    for (const text of ['1', '2', '3']) assert.equal((await client.response()).text, text);
  });

  for (const step of [1, 997, 4096, 30_011, MEGABYTE])
    test(`brings requests as they are, cut into pieces of ${String(step)} bytes, with those of others between`, async (t) => {
      const gateway = await RunningGateway.start(t);
      const slot = gateway.slot();
      const [client, other] = [await gateway.client(), await gateway.client()];
      const [cookie, form] = ['c'.repeat(7000), 'f'.repeat(10_000)];
      const sent = Buffer.from(
        [
          `GET /1 HTTP/1.1\r\n${HEAD}Cookie: ${cookie}\r\n\r\n`,
          `POST /2 HTTP/1.1\r\n${HEAD}Content-Length: ${String(form.length)}\r\n\r\n${form}`,
          `POST /3 HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n1388\r\n${'k'.repeat(5000)}\r\n0\r\n\r\n`,
          `GET /4 HTTP/1.1\r\n${HEAD}\r\n`,
          `POST /5 HTTP/1.1\r\n${HEAD}Content-Length: 70000\r\n\r\n${'z'.repeat(70_000)}`,
        ].join(''),
      );
      // Of the pieces of one byte those that cut a head are enough.
      const end = step === 1 ? 12 : sent.length;
      const begun: Received[] = [];
      for (let at = 0; at < sent.length; at += at < end ? step : sent.length) {
        await client.stream.written(sent.subarray(at, at < end ? at + step : sent.length));
        other.send('/other', { method: 'POST', body: '!'.repeat(20_000) });
        for (let isOther = false; !isOther;) {
          const request = await slot.serve('');
          isOther = request.environ['PATH_INFO'] === '/other';
          if (!isOther) begun.push(request);
        }
        await other.response();
      }
      while (begun.length < 5) begun.push(await slot.serve(''));
      assert.deepEqual(
        begun.map(({ environ, body }) => [environ['PATH_INFO'], environ['HTTP_COOKIE'], body.toString()]),
        [
          ['/1', cookie, ''],
          ['/2', undefined, form],
          ['/3', undefined, 'k'.repeat(5000)],
          ['/4', undefined, ''],
          ['/5', undefined, 'z'.repeat(70_000)],
        ],
      );
    });

  test('knows its request by its own words when others have said something since', async (t) => {
    const gateway = await RunningGateway.start(t);
    const [dying, slot] = [gateway.slot(), gateway.slot({ seat: 1, worker: 2 })];
    const [client, other] = [await gateway.client(), await gateway.client()];
    client.send('/mine', { method: 'POST' });
    const { id } = await dying.next();
    gateway.begin(dying, id);
    other.send('/others');
    await slot.serve('');
    await other.response();
    dying.die();
    assert.equal((await client.response()).status, 502);
    assert.match(gateway.lines.join('\n'), /"POST \/mine" 502/);
  });

  test('stops reading from a client that sends more and more requests ahead', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    const client = await gateway.client();
    client.send('/');
    const { id } = await slot.next();
    const request = `GET /${'x'.repeat(4000)} HTTP/1.1\r\n${HEAD}\r\n`;
    // Far more than the sockets between us can hold.
    const count = 4000;
    client.stream.write(request.repeat(count));
    await eventually('the client has to wait', () => client.stream.socket.writableLength > 0);
    assert.ok(client.stream.socket.writableLength > 0);
    slot.respond(id, { body: 'first' });
    assert.equal((await client.response()).text, 'first');
    await slot.serve('second');
    client.sendRaw('', 'GET');
    assert.equal((await client.response()).text, 'second');
  });

  for (const { what, request } of [
    { what: 'that the client wants to close', request: { headers: { Connection: 'close' } } },
    { what: 'of an HTTP/1.0 client', request: { version: 'HTTP/1.0' } },
  ]) {
    test(`${what} ends after its response`, async (t) => {
      const gateway = await RunningGateway.start(t);
      const slot = gateway.slot();
      const client = await gateway.client();
      client.send('/', request);
      await slot.serve('bye');
      const response = await client.response();
      assert.equal(response.header('connection'), 'close');
      assert.equal(response.version, request.version ?? 'HTTP/1.1');
      assert.equal((await client.stream.readToEnd()).length, 0);
    });
  }

  test('of an HTTP/1.0 client goes on when it asks for that', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    const client = await gateway.client();
    for (const body of ['one', 'two']) {
      client.send('/', { version: 'HTTP/1.0', headers: { Connection: 'keep-alive' } });
      await slot.serve(body);
      const response = await client.response();
      assert.equal(response.header('connection'), 'keep-alive');
      assert.equal(response.text, body);
    }
  });

  test('whose client ended its side after its requests gets all responses', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    const client = await gateway.client();
    client.sendRaw(`GET /1 HTTP/1.1\r\n${HEAD}\r\nGET /2 HTTP/1.1\r\n${HEAD}\r\n`, 'GET', 'GET');
    const { id } = await slot.next();
    client.stream.finish();
    slot.respond(id, { body: '1' });
    assert.equal((await client.response()).text, '1');
    await slot.serve('2');
    const last = await client.response();
    assert.equal(last.text, '2');
    assert.equal(last.header('connection'), 'close');
  });

  test('that says nothing is closed without a word', async (t) => {
    const gateway = await RunningGateway.start(t, { socketTimeoutMs: 50 });
    const client = await gateway.client();
    assert.equal((await client.stream.readToEnd()).length, 0);
    assert.deepEqual(gateway.lines, []);
  });

  test('that is idle between two requests is closed without a word', async (t) => {
    const gateway = await RunningGateway.start(t, { keepAliveMs: 50 });
    const slot = gateway.slot();
    const client = await gateway.client();
    client.send('/');
    await slot.serve('');
    await client.response();
    assert.equal((await client.stream.readToEnd()).length, 0);
  });

  for (const { what, bytes, line } of [
    { what: 'in its head', bytes: 'GET /slow HTTP/1.1\r\nHo', line: '"GET /slow" 408' },
    { what: 'in its body', bytes: `POST /slow HTTP/1.1\r\n${HEAD}Content-Length: 5\r\n\r\nab`, line: '"POST /slow" 408' },
  ]) {
    test(`that keeps us waiting ${what} gets a 408`, async (t) => {
      const gateway = await RunningGateway.start(t, { socketTimeoutMs: 50 });
      gateway.slot();
      const client = await gateway.client();
      client.sendRaw(bytes, 'GET');
      const response = await client.response();
      assert.equal(response.status, 408);
      assert.equal(response.header('connection'), 'close');
      assert.equal((await client.stream.readToEnd()).length, 0);
      assert.ok(gateway.lines[0]?.startsWith(`[gateway] 127.0.0.1 ${line}: `), gateway.lines[0]);
    });
  }

  test('with a request that is none gets its status, a log line, and is closed', async (t) => {
    const gateway = await RunningGateway.start(t);
    const client = await gateway.client();
    client.sendRaw('GET / HTTP/1.1\r\n\r\n', 'GET');
    const response = await client.response();
    assert.equal(response.status, 400);
    assert.equal(response.text, '400 Bad Request\n');
    assert.equal((await client.stream.readToEnd()).length, 0);
    assert.deepEqual(gateway.lines, ['[gateway] 127.0.0.1 "GET /" 400: malformed http request: no Host']);
  });
});

describe('a response', () => {
  test('of unknown length is chunked, each piece at once', async (t) => {
    const { slot, client, id } = await oneRequest(t);
    slot.respond(id, { flags: 0 });
    assert.equal((await client.responseHead()).header('transfer-encoding'), 'chunked');
    for (const piece of ['first', 'second']) {
      slot.more(id, piece);
      assert.equal((await client.readChunk()).toString(), piece);
    }
    slot.end(id);
    assert.equal((await client.readChunk()).length, 0);
    client.send('/again');
    await slot.serve('again');
    assert.equal((await client.response()).text, 'again');
  });

  for (const { what, request, status } of [
    { what: 'to a HEAD', request: { method: 'HEAD' }, status: '200 OK' },
    { what: 'of 204', request: {}, status: '204 No Content' },
    { what: 'of 304', request: {}, status: '304 Not Modified' },
  ]) {
    test(`${what} has no body, and the connection goes on`, async (t) => {
      const { slot, client, id } = await oneRequest(t, request);
      slot.respond(id, { status, body: 'not for you', flags: 0 });
      slot.more(id, 'nor this');
      slot.end(id);
      assert.equal((await client.response()).framing, 'none');
      client.send('/again');
      await slot.serve('again');
      assert.equal((await client.response()).text, 'again');
    });
  }

  test('that breaks off is not ended properly', async (t) => {
    const { slot, client, id } = await oneRequest(t);
    slot.respond(id, { flags: 0, body: 'be' });
    slot.more(id, 'gun');
    slot.end(id, RESPONSE_FLAG.aborted);
    await assert.rejects(client.response(), { name: 'ConnectionLost' });
  });

  test('of unknown length that breaks off resets the connection of an HTTP/1.0 client', async (t) => {
    const { slot, client, id } = await oneRequest(t, { version: 'HTTP/1.0' });
    slot.respond(id, { flags: 0, body: 'begun' });
    await client.responseHead();
    slot.end(id, RESPONSE_FLAG.aborted);
    await assert.rejects(client.stream.readToEnd(), { loss: 'reset' });
  });

  test('shorter than its length ends the connection', async (t) => {
    const { slot, client, id } = await oneRequest(t);
    slot.respond(id, { length: 10, fields: 'Content-Length: 10\r\n', body: 'short' });
    await assert.rejects(client.response(), { loss: 'cut' });
  });

  test('longer than its length is cut there', async (t) => {
    const { slot, client, id } = await oneRequest(t);
    slot.respond(id, { length: 4, fields: 'Content-Length: 4\r\n', body: 'too long' });
    assert.equal((await client.response()).text, 'too ');
    assert.equal((await client.stream.readToEnd()).length, 0);
  });

  test('to a client that wants no other closes the connection without waiting for its end', async (t) => {
    const { slot, client, id } = await oneRequest(t, { headers: { Connection: 'close' } });
    slot.respond(id, { body: 'the last' });
    assert.equal((await client.response()).text, 'the last');
    assert.equal((await client.stream.readToEnd()).length, 0);
    await eventually('nobody is there any more', () => isLost(client), LINGER_MS / 2);
  });

  test('to one that has said more than its last request is not endangered by what it still says', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    const client = await gateway.client();
    client.sendRaw(`GET / HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\nGET /more HTTP/1.1\r\n`, 'GET');
    const { id } = await slot.next();
    slot.respond(id, { body: 'the last' });
    assert.equal((await client.response()).text, 'the last');
    for (const state of ['told', 'told again']) {
      assert.ok(!isLost(client), state);
      await serveAnother(gateway, slot);
    }
    assert.ok(!isLost(client));
  });

  test('waits at its slot for a client that does not read, and arrives whole', async (t) => {
    const { slot, client, id } = await oneRequest(t);
    const pieces = 64;
    slot.respond(id, { flags: 0 });
    for (let piece = 0; piece < pieces; piece++) slot.more(id, Buffer.alloc(MEGABYTE / 8, piece));
    slot.end(id);
    // Nobody reads: the slot's socket fills up, since the gateway stops taking its frames.
    await eventually('the slot has to wait', () => slot.socket.writableLength > 0);
    const { body } = await client.response();
    assert.equal(body.length, (pieces * MEGABYTE) / 8);
    assert.ok(body.every((byte, at) => byte === Math.floor(at / (MEGABYTE / 8))));
  });

  test('to a client that never reads ends in time, and the slot is free again', async (t) => {
    const gateway = await RunningGateway.start(t, { socketTimeoutMs: 100 });
    const slot = gateway.slot();
    const client = await gateway.client();
    client.send('/');
    const { id } = await slot.next();
    slot.respond(id, { flags: 0 });
    for (let piece = 0; piece < 64; piece++) slot.more(id, Buffer.alloc(MEGABYTE / 8));
    assert.equal((await slot.next()).kind, KIND.cancel);
    slot.end(id);
    const other = await gateway.client();
    other.send('/');
    await slot.serve('free');
    assert.equal((await other.response()).text, 'free');
  });
});

describe('a response that is kept for a slow client', () => {
  test('leaves the slot to others, and arrives whole', async (t) => {
    const { gateway, slot, client, id } = await oneRequest(t, {}, KEEPING);
    slot.respond(id, { flags: 0 });
    sendMuch(slot, id);
    slot.end(id);
    await serveAnother(gateway, slot);
    assert.ok(isMuch((await client.response()).body));
    client.send('/again');
    await slot.serve('again');
    assert.equal((await client.response()).text, 'again');
  });

  test('goes on at once when its client has caught up', async (t) => {
    const { slot, client, id } = await oneRequest(t, {}, KEEPING);
    slot.respond(id, { flags: 0 });
    sendMuch(slot, id);
    await eventually('the slot need not wait', () => slot.socket.writableLength === 0);
    await client.responseHead();
    for (let left = MUCH; left > 0;) left -= (await client.readChunk()).length;
    for (const piece of ['first', 'second']) {
      slot.more(id, piece);
      assert.equal((await client.readChunk()).toString(), piece);
    }
    slot.end(id);
    assert.equal((await client.readChunk()).length, 0);
  });

  test('and breaks off breaks off behind what was kept', async (t) => {
    const { gateway, slot, client, id } = await oneRequest(t, {}, KEEPING);
    slot.respond(id, { flags: 0 });
    sendMuch(slot, id);
    slot.end(id, RESPONSE_FLAG.aborted);
    await serveAnother(gateway, slot);
    await client.responseHead();
    for (let left = MUCH; left > 0;) left -= (await client.readChunk()).length;
    await assert.rejects(client.readChunk(), { name: 'ConnectionLost' });
  });

  test("is its client's, whatever becomes of a slot that goes on after it", async (t) => {
    const { gateway, slot, client, id } = await oneRequest(t, {}, { ...KEEPING, harakiriMs: 300 });
    slot.respond(id, { flags: 0 });
    sendMuch(slot, id);
    slot.end(id, RESPONSE_FLAG.parted);
    const began = performance.now();
    await eventually('its time is up', () => performance.now() - began > 1000);
    slot.die();
    await slot.ended;
    assert.ok(isMuch((await client.response()).body));
    assert.deepEqual(gateway.lines, []);
  });

  test('has no file of the application taken over behind it', async (t) => {
    const { slot, client, id } = await oneRequest(t, {}, KEEPING);
    slot.respond(id, { flags: 0 });
    sendMuch(slot, id);
    await eventually('the slot need not wait', () => slot.socket.writableLength === 0);
    slot.offer(id, join(tempDir(t, { file: 'x' }), 'file'));
    const { kind, flags } = await slot.next();
    assert.deepEqual([kind, flags], [KIND.verdict, 0]);
    slot.end(id);
    assert.ok(isMuch((await client.response()).body));
  });

  test('waits no longer for the rest of a body that the application did not want', async (t) => {
    const gateway = await RunningGateway.start(t, { ...UNBUFFERED, ...KEEPING, socketTimeoutMs: 500 });
    const slot = gateway.slot();
    const client = await gateway.client();
    client.sendRaw(`POST / HTTP/1.1\r\n${HEAD}Content-Length: 10000000\r\n\r\n`, 'POST');
    client.stream.write(Buffer.alloc(100_000));
    const { id } = await slot.next();
    slot.respond(id, { status: '403 Forbidden', flags: 0 });
    sendMuch(slot, id);
    slot.end(id);
    await client.responseHead();
    // Always with a pause that is less than the timeout; all of them are much more.
    for (let left = MUCH; left > 0;) {
      left -= (await client.readChunk()).length;
      await setTimeout(10);
    }
    assert.deepEqual(gateway.lines, []);
  });

  test('holds up a stop, but the connection does not go on after it', async (t) => {
    const { gateway, slot, client, id } = await oneRequest(t, {}, { ...KEEPING, keepAliveMs: 0 });
    slot.respond(id, { flags: 0 });
    sendMuch(slot, id);
    slot.end(id);
    await serveAnother(gateway, slot);
    gateway.gateway.handle({ type: 'stop', how: 'gracefully' });
    assert.ok(isMuch((await client.response()).body));
    assert.equal((await client.stream.readToEnd()).length, 0);
    client.close();
    await within(5000, 'the stop', gateway.stopped);
  });

  test('does not hold up a stop for longer than it may', async (t) => {
    const { gateway, slot, client, id } = await oneRequest(t, {}, { ...KEEPING, mercyMs: 50 });
    slot.respond(id, { flags: 0 });
    sendMuch(slot, id);
    slot.end(id);
    await serveAnother(gateway, slot);
    gateway.gateway.handle({ type: 'stop', how: 'gracefully' });
    await within(5000, 'the stop', gateway.stopped);
    assert.match(gateway.lines.join('\n'), /within worker-reload-mercy, and were cut off: \d$/);
    await assert.rejects(client.response());
  });
});

describe('a body', () => {
  test('that comes slowly goes to the slot when it is complete', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    const client = await gateway.client();
    client.sendRaw(`POST / HTTP/1.1\r\n${HEAD}Content-Length: 10\r\n\r\n`, 'POST');
    for (const piece of ['hel', 'lo w', 'or']) await client.stream.written(Buffer.from(piece));
    assert.equal(slot.receivedBytes, 0);
    client.stream.write('l');
    const { body, flags, environ } = await slot.serve('thanks');
    assert.equal(body.toString(), 'hello worl');
    assert.equal(flags, REQUEST_FLAG.complete);
    assert.equal(environ['CONTENT_LENGTH'], '10');
    assert.equal((await client.response()).text, 'thanks');
  });

  test('that is chunked and short gets a length', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    const client = await gateway.client();
    client.sendRaw(`POST / HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`, 'POST');
    const { body, flags, environ } = await slot.serve('');
    assert.equal(body.toString(), 'hello');
    assert.equal(flags, REQUEST_FLAG.complete);
    assert.equal(environ['CONTENT_LENGTH'], '5');
    assert.equal(environ['HTTP_TRANSFER_ENCODING'], undefined);
    await client.response();
  });

  for (const { what, isChunked, flags } of [
    { what: 'that is long', isChunked: false, flags: 0 },
    { what: 'that is chunked and long', isChunked: true, flags: REQUEST_FLAG.unknownLength },
  ]) {
    test(`${what} streams to the slot`, async (t) => {
      const gateway = await RunningGateway.start(t, UNBUFFERED);
      const slot = gateway.slot();
      const client = await gateway.client();
      const sent = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
      const framing = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${String(sent.length)}`;
      client.sendRaw(`POST / HTTP/1.1\r\n${HEAD}${framing}\r\n\r\n`, 'POST');
      client.stream.write(isChunked ? chunked(sent.subarray(0, 100_000), '') : sent.subarray(0, 100_000));
      const request = await slot.next();
      assert.equal(request.flags, flags);
      assert.ok(request.body.length >= 64 * 1024);
      assert.equal(request.environ['HTTP_TRANSFER_ENCODING'], isChunked ? 'chunked' : undefined);
      client.stream.write(isChunked ? chunked(sent.subarray(100_000), '0\r\n\r\n') : sent.subarray(100_000));
      const pieces = [request.body];
      for (let isLast = false; !isLast;) {
        const frame = await slot.next();
        assert.deepEqual([frame.kind, frame.id], [KIND.requestBody, request.id]);
        pieces.push(frame.body);
        isLast = frame.flags === REQUEST_FLAG.complete;
      }
      assert.ok(Buffer.concat(pieces).equals(sent));
      slot.respond(request.id, { body: 'got it' });
      assert.equal((await client.response()).text, 'got it');
      client.send('/again');
      await slot.serve('again');
      assert.equal((await client.response()).text, 'again');
    });
  }

  test('waits at its client while the worker does not read', async (t) => {
    const gateway = await RunningGateway.start(t, UNBUFFERED);
    const slot = gateway.slot();
    const client = await gateway.client();
    const size = 32 * MEGABYTE;
    client.sendRaw(`POST / HTTP/1.1\r\n${HEAD}Content-Length: ${String(size)}\r\n\r\n`, 'POST');
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

  test('that the application does not want ends the connection after the response', async (t) => {
    const gateway = await RunningGateway.start(t, UNBUFFERED);
    const slot = gateway.slot();
    const client = await gateway.client();
    client.sendRaw(`POST / HTTP/1.1\r\n${HEAD}Content-Length: 10000000\r\n\r\n`, 'POST');
    client.stream.write(Buffer.alloc(100_000));
    const { id } = await slot.next();
    slot.respond(id, { status: '403 Forbidden', body: 'no' });
    const response = await client.response();
    assert.deepEqual([response.status, response.header('connection')], [403, 'close']);
    // The slot is free for others, although the body never came to its end.
    const other = await gateway.client();
    other.send('/next');
    for (let frame = await slot.next(); ; frame = await slot.next()) {
      if (frame.kind !== KIND.request) continue;
      assert.equal(frame.environ['PATH_INFO'], '/next');
      break;
    }
  });

  test('that breaks the chunked form midway gets a 400, and the slot hears that the client is gone', async (t) => {
    const gateway = await RunningGateway.start(t, UNBUFFERED);
    const slot = gateway.slot();
    const client = await gateway.client();
    client.sendRaw(`POST / HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`, 'POST');
    client.stream.write(chunked(Buffer.alloc(100_000), ''));
    await slot.next();
    client.stream.write('nonsense\r\n');
    assert.equal((await client.response()).status, 400);
    assert.equal((await slot.next()).kind, KIND.cancel);
  });

  test('larger than limit-post gets a 413 and a line, and the client is not told to send it', async (t) => {
    const gateway = await RunningGateway.start(t, { limitPost: 10 });
    const client = await gateway.client();
    client.sendRaw(`POST /big HTTP/1.1\r\n${HEAD}Content-Length: 11\r\nExpect: 100-continue\r\n\r\n`, 'POST');
    const response = await client.response();
    assert.deepEqual([response.status, response.header('connection')], [413, 'close']);
    assert.deepEqual(gateway.lines, ['[gateway] 127.0.0.1 "POST /big" 413: a body of 11 bytes; limit-post allows 10']);
  });

  test('that grows beyond limit-post while a worker has it gets a 413, and the slot hears that the client is gone', async (t) => {
    const gateway = await RunningGateway.start(t, { ...UNBUFFERED, limitPost: 100_001 });
    const slot = gateway.slot();
    const client = await gateway.client();
    client.sendRaw(`POST / HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`, 'POST');
    client.stream.write(chunked(Buffer.alloc(100_000), ''));
    await slot.next();
    client.stream.write('2\r\n');
    assert.equal((await client.response()).status, 413);
    assert.equal((await slot.next()).kind, KIND.cancel);
  });

  test('is asked for when the client expects that', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    const client = await gateway.client();
    client.sendRaw(`POST / HTTP/1.1\r\n${HEAD}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n`, 'POST');
    assert.equal((await client.stream.readUntil('\r\n\r\n')).toString(), 'HTTP/1.1 100 Continue\r\n\r\n');
    client.stream.write('ok');
    assert.equal((await slot.serve('fine')).body.toString(), 'ok');
    assert.equal((await client.response()).text, 'fine');
  });

  test('is not asked for when it came with the head', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    const client = await gateway.client();
    client.sendRaw(`POST / HTTP/1.1\r\n${HEAD}Content-Length: 2\r\nExpect: 100-continue\r\n\r\nok`, 'POST');
    await slot.serve('fine');
    assert.equal((await client.response()).status, 200);
  });

  test('with another expectation is refused', async (t) => {
    const gateway = await RunningGateway.start(t);
    const client = await gateway.client();
    client.sendRaw(`POST / HTTP/1.1\r\n${HEAD}Content-Length: 2\r\nExpect: tea\r\n\r\n`, 'POST');
    assert.equal((await client.response()).status, 417);
  });
});

/** A gateway with one slot, which has the one request of the one client. */
async function oneRequest(
  t: Parameters<typeof RunningGateway.start>[0],
  request: Parameters<HttpConnection['send']>[1] = {},
  wanted: Parameters<typeof RunningGateway.start>[1] = {},
) {
  const gateway = await RunningGateway.start(t, wanted);
  const slot = gateway.slot();
  const client = await gateway.client();
  client.send('/', request);
  const { id } = await slot.next();
  return { gateway, slot, client, id };
}

/** More than the kernel holds of a connection. */
function sendMuch(slot: FakeSlot, id: number): void {
  for (let piece = 0; piece < MUCH / PIECE; piece++) slot.more(id, Buffer.alloc(PIECE, piece));
}

function isMuch(body: Buffer): boolean {
  return body.length === MUCH && body.every((byte, at) => byte === Math.floor(at / PIECE));
}

/** Says something more; whether the client has learned from what it said before that nobody hears it. */
function isLost({ stream }: HttpConnection): boolean {
  stream.write('x');
  return stream.socket.errored !== null;
}

async function serveAnother(gateway: RunningGateway, slot: FakeSlot): Promise<void> {
  const other = await gateway.client();
  other.send('/other');
  await slot.serve('other');
  assert.equal((await other.response()).text, 'other');
}

function chunked(bytes: Buffer, end: string): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from(`\r\n${end}`)]);
}

describe('early hints', () => {
  const FIELDS = 'Link: </a.css>\r\n';

  test('go before the response, and none once that has begun', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    const client = await gateway.client();
    client.sendRaw(`GET / HTTP/1.1\r\n${HEAD}\r\n`);
    const { id, takesHints } = await slot.next();
    assert.equal(takesHints, true);
    slot.hint(id, FIELDS);
    assert.equal((await client.stream.readUntil('\r\n\r\n')).toString(), `HTTP/1.1 103 Early Hints\r\n${FIELDS}\r\n`);
    slot.respond(id, { body: 'a', flags: 0 });
    slot.hint(id, FIELDS);
    slot.more(id, 'b');
    slot.end(id);
    assert.equal((await client.response()).text, 'ab');
  });

  test('are not asked for by HTTP/1.0', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    (await gateway.client()).sendRaw('GET / HTTP/1.0\r\n\r\n');
    assert.equal((await slot.next()).takesHints, false);
  });
});
