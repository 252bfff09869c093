import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KIND, REQUEST_FLAG } from '../../../src/core/wire/messages.ts';
import { eventually } from '../../helpers/eventually.ts';
import { FastcgiClient, fcgiHead, fcgiRecord, FCGI } from '../../helpers/fastcgi.ts';
import type { HttpConnection } from '../../helpers/http.ts';
import { openFiles } from '../../helpers/processes.ts';
import { onEnd, type Scope } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';
import type { FakeSlot, Received } from './fake-slot.ts';
import { RunningGateway } from './running-gateway.ts';

const KIB = 1024;
const HEAD = 'Host: test.example\r\n';

/** Where a body of this size is, with 256 KiB of memory for one. */
const PLACES = [
  { where: 'in the frame of its request', size: 100 * KIB },
  { where: 'in memory', size: 200 * KIB },
  { where: 'in a file', size: 3000 * KIB },
];

for (const { where, size } of PLACES) {
  describe(`a body that waits ${where}`, () => {
    const sent = Buffer.from(Array.from({ length: size }, (_, at) => at % 251));

    for (const isChunked of [false, true]) {
      test(`is with its worker once it is complete, with its length (chunked: ${String(isChunked)})`, async (t) => {
        const gateway = await RunningGateway.start(t, { bodyDirectory: tempDir(t) });
        const slot = gateway.slot();
        const client = await gateway.client();
        client.sendRaw(`POST / HTTP/1.1\r\n${HEAD}${isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${size}`}\r\n\r\n`, 'POST');
        if (isChunked) client.stream.write(`${(size - 1).toString(16)}\r\n`);
        await client.stream.written(sent.subarray(0, -1));
        await gateway.gatewayHasRead();
        assert.equal(slot.receivedBytes, 0);
        client.stream.write(
          Buffer.concat([Buffer.from(isChunked ? '\r\n1\r\n' : ''), sent.subarray(-1), Buffer.from(isChunked ? '\r\n0\r\n\r\n' : '')]),
        );
        const request = await slot.next();
        assert.equal(request.environ['CONTENT_LENGTH'], String(size));
        assert.ok((await bodyOf(slot, request)).equals(sent));
        slot.respond(request.id, { body: 'got it' });
        assert.equal((await client.response()).text, 'got it');
        client.send('/next');
        await slot.serve('and on');
        assert.equal((await client.response()).text, 'and on');
      });
    }

    test('goes to another worker, from its beginning, when one died that had not begun with it', async (t) => {
      const gateway = await RunningGateway.start(t, { bodyDirectory: tempDir(t) });
      const dying = gateway.slot();
      const client = await gateway.client();
      client.send('/', { method: 'POST', body: sent });
      await dying.next();
      dying.die();
      await dying.ended;
      const slot = gateway.slot({ pid: 13 });
      const request = await slot.next();
      assert.ok((await bodyOf(slot, request)).equals(sent));
      slot.respond(request.id, { body: 'again' });
      assert.equal((await client.response()).text, 'again');
    });

    test('leaves nothing behind, whoever ends it', async (t) => {
      const directory = tempDir(t);
      const gateway = await RunningGateway.start(t, { bodyDirectory: directory, limitPost: size });
      const head = `POST / HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n`;
      const left = await gateway.client();
      left.sendRaw(head, 'POST');
      await left.stream.written(sent);
      left.close();
      const refused = await gateway.client();
      refused.sendRaw(Buffer.concat([Buffer.from(head), sent, Buffer.from('\r\n1\r\n')]), 'POST');
      assert.equal((await refused.response()).status, 413);
      const unanswered = await gateway.client();
      const slot = gateway.slot();
      unanswered.send('/', { method: 'POST', body: sent });
      await slot.next();
      unanswered.stream.socket.resetAndDestroy();
      await eventually('no file is open', () => openFiles(process.pid).every((path) => !path.startsWith(directory)));
    });

    test('is with its worker over FastCGI, too', async (t) => {
      const gateway = await RunningGateway.start(t, { protocol: 'fastcgi', option: 'fastcgi-socket', bodyDirectory: tempDir(t) });
      const slot = gateway.slot();
      const client = await FastcgiClient.open({ host: '127.0.0.1', port: gateway.port });
      onEnd(t, () => client.close());
      client.write(fcgiHead('/'));
      for (let at = 0; at < size; at += 32 * KIB) client.write(fcgiRecord(FCGI.stdin, 1, sent.subarray(at, at + 32 * KIB)));
      client.write(fcgiRecord(FCGI.stdin, 1));
      const request = await slot.next();
      assert.equal(request.environ['CONTENT_LENGTH'], String(size));
      assert.ok((await bodyOf(slot, request)).equals(sent));
      slot.respond(request.id, { body: 'got it' });
      assert.equal((await client.response()).text, 'got it');
    });
  });
}

describe('a body that its worker reads where the gateway has put it', () => {
  const SHARED = REQUEST_FLAG.complete | REQUEST_FLAG.shared;
  const sent = (size: number, seed: number) => Buffer.from(Array.from({ length: size }, (_, at) => (at * seed) % 251));
  const start = (t: Scope, more = {}) =>
    RunningGateway.start(t, { sharesBodies: true, bodyMemory: 1000 * KIB, bodyDirectory: tempDir(t), ...more });

  test('is there when its request comes, and others of the same connection are what they are', async (t) => {
    const gateway = await start(t);
    const slot = gateway.slot();
    const client = await gateway.client();
    const bodies = [
      sent(900 * KIB, 7),
      sent(500 * KIB, 11),
      sent(100 * KIB, 13),
      sent(3000 * KIB, 17),
      Buffer.alloc(0),
      sent(200 * KIB, 19),
    ];
    // All at once, so that one read brings the end of one and the beginning of the next.
    for (const body of bodies) client.send('/', { method: 'POST', body });
    const names = new Set<string>();
    for (const body of bodies) {
      const request = await slot.next();
      assert.equal(request.environ['CONTENT_LENGTH'], String(body.length));
      if (request.flags === SHARED) {
        names.add(request.body.toString('latin1', 4));
        assert.ok(gateway.sharedBody(request.body).equals(body));
      } else assert.ok((await bodyOf(slot, request)).equals(body));
      slot.respond(request.id, { body: 'got it' });
      assert.equal((await client.response()).text, 'got it');
    }
    assert.equal(names.size, 1, 'the same memory was used again');
  });

  test('is there for requests that share a FastCGI connection, too', async (t) => {
    const gateway = await start(t, { protocol: 'fastcgi', option: 'fastcgi-socket' });
    const slot = gateway.slot();
    const client = await FastcgiClient.open({ host: '127.0.0.1', port: gateway.port });
    onEnd(t, () => client.close());
    const requests = [1, 2].map((id) => ({ id, path: `/${id}`, body: sent((200 + 100 * id) * KIB, id) }));
    for (const { id, path, body } of requests) client.write(fcgiHead(path, { id, vars: { CONTENT_LENGTH: String(body.length) } }));
    for (let at = 0; at < 400 * KIB; at += 20 * KIB) {
      for (const { id, body } of requests) client.write(fcgiRecord(FCGI.stdin, id, body.subarray(at, at + 20 * KIB)));
    }
    for (const { path, body } of requests) {
      const request = await slot.next();
      assert.deepEqual([request.environ['PATH_INFO'], request.flags], [path, SHARED]);
      assert.ok(gateway.sharedBody(request.body).equals(body));
      slot.respond(request.id, { body: 'got it' });
      assert.equal((await client.response()).text, 'got it');
    }
  });

  test('leaves nothing of other clients in what is read into the same memory', async (t) => {
    const gateway = await start(t, { prefetch: 1 });
    const slot = gateway.slot();
    const [one, other] = [await gateway.client(), await gateway.client()];
    const exchange = async (client: HttpConnection, body: Buffer) => {
      client.send('/', { method: 'POST', body });
      const request = await slot.next();
      slot.respond(request.id, { body: 'got it' });
      await client.response();
    };
    const large = Buffer.alloc(300 * KIB, 'x');
    await exchange(one, large);
    await exchange(other, large);

    const small = sent(100 * KIB, 7);
    one.sendRaw(`POST / HTTP/1.1\r\n${HEAD}Content-Length: ${small.length}\r\n\r\n`, 'POST');
    await one.stream.written(small.subarray(0, 50 * KIB));
    await exchange(other, large);
    one.stream.write(small.subarray(50 * KIB));
    const request = await slot.next();
    assert.ok((await bodyOf(slot, request)).equals(small));
    slot.respond(request.id, { body: 'got it' });
    await one.response();

    one.send('/described?later');
    const { id } = await slot.next();
    other.send('/', { method: 'POST', body: large });
    await eventually('the other one waits', () => gateway.hasWaiting(1));
    gateway.begin(slot, id);
    slot.die();
    assert.equal((await one.response()).status, 502);
    assert.match(gateway.lines.join('\n'), /"GET \/described\?later" 502/);
  });

  test('may come in drops', async (t) => {
    const gateway = await start(t);
    const slot = gateway.slot();
    const client = await gateway.client();
    const body = sent(200 * KIB, 7);
    const bytes = Buffer.concat([Buffer.from(`POST / HTTP/1.1\r\n${HEAD}Content-Length: ${body.length}\r\n\r\n`), body]);
    client.sendRaw('', 'POST');
    for (let at = 0; at < bytes.length; at += 7001) await client.stream.written(bytes.subarray(at, at + 7001));
    const request = await slot.next();
    assert.equal(request.flags, SHARED);
    assert.ok(gateway.sharedBody(request.body).equals(body));
  });

  test('goes to another worker when one died that had not begun with it, and its memory to nobody afterwards', async (t) => {
    const gateway = await start(t);
    const dying = gateway.slot();
    const client = await gateway.client();
    const [first, second] = [sent(500 * KIB, 7), sent(500 * KIB, 11)];
    client.send('/', { method: 'POST', body: first });
    await dying.next();
    dying.die();
    await dying.ended;
    const slot = gateway.slot({ pid: 13 });
    const request = await slot.next();
    assert.ok(gateway.sharedBody(request.body).equals(first));
    slot.respond(request.id, { body: 'again' });
    assert.equal((await client.response()).text, 'again');
    client.send('/', { method: 'POST', body: second });
    const { body, flags } = await slot.next();
    assert.equal(flags, SHARED);
    assert.ok(!body.equals(request.body), 'the first worker may live, and only its connection be gone');
  });

  test('stays where it is as long as its worker may read it, though its client has left', async (t) => {
    const gateway = await start(t);
    const busy = gateway.slot();
    const [left, other] = [await gateway.client(), await gateway.client()];
    const [first, second] = [sent(500 * KIB, 7), sent(500 * KIB, 11)];
    left.send('/', { method: 'POST', body: first });
    const running = await busy.next();
    left.stream.socket.resetAndDestroy();
    assert.equal((await busy.next()).kind, KIND.cancel);
    const free = gateway.slot({ pid: 13, seat: 1 });
    other.send('/', { method: 'POST', body: second });
    const request = await free.next();
    assert.ok(gateway.sharedBody(request.body).equals(second));
    assert.ok(gateway.sharedBody(running.body).equals(first));
    free.respond(request.id, { body: 'got it' });
    assert.equal((await other.response()).text, 'got it');
  });

  test('stays there too when the time of its request is up', async (t) => {
    const gateway = await start(t, { httpHarakiriMs: 50 });
    const slot = gateway.slot();
    gateway.slot({ pid: 13, seat: 1 });
    const client = await gateway.client();
    const body = sent(500 * KIB, 7);
    client.send('/', { method: 'POST', body });
    const request = await slot.next();
    assert.equal((await client.response()).status, 504);
    const later = await gateway.client();
    later.send('/', { method: 'POST', body: sent(500 * KIB, 11) });
    await later.response();
    assert.ok(gateway.sharedBody(request.body).equals(body));
  });
});

test('bodies that share a FastCGI connection come whole, whatever their order, and none waits for the other', async (t) => {
  const gateway = await RunningGateway.start(t, { protocol: 'fastcgi', option: 'fastcgi-socket', bodyDirectory: tempDir(t), prefetch: 1 });
  const slots = [gateway.slot(), gateway.slot({ pid: 13, seat: 1 })];
  const client = await FastcgiClient.open({ host: '127.0.0.1', port: gateway.port });
  onEnd(t, () => client.close());
  const ids = [1, 2];
  const bodies = ids.map((id) => Buffer.alloc(2000 * KIB, `${id}`));
  for (const id of ids) client.write(fcgiHead(`/${id}`, { id }));
  for (let at = 0; at < 2000 * KIB; at += 20 * KIB) {
    for (const [nth, body] of bodies.entries()) client.write(fcgiRecord(FCGI.stdin, nth + 1, body.subarray(at, at + 20 * KIB)));
  }
  for (const id of ids) client.write(fcgiRecord(FCGI.stdin, id));
  const served = slots.map(async (slot) => {
    const request = await slot.next();
    const body = await bodyOf(slot, request);
    slot.respond(request.id, {
      body: `${request.environ['PATH_INFO']} ${body.equals(bodies[Number(request.environ['PATH_INFO']?.slice(1)) - 1] ?? body.subarray(1))}`,
    });
  });
  await Promise.all(served);
  const answers = [(await client.response()).text, (await client.response()).text];
  assert.deepEqual(answers.sort(), ['/1 true', '/2 true']);
});

test('a body that cannot be kept is answered 500 and told of', async (t) => {
  const gateway = await RunningGateway.start(t, { bodyDirectory: '/nowhere' });
  const client = await gateway.client();
  client.send('/', { method: 'POST', body: Buffer.alloc(1000 * KIB) });
  assert.equal((await client.response()).status, 500);
  assert.match(gateway.lines.join('\n'), /"POST \/" 500: its body cannot be kept in \/nowhere \(ENOENT: .*\): let the server write there/);
});

test('a body whose worker takes nothing waits in its file and not in memory', async (t) => {
  const gateway = await RunningGateway.start(t, { bodyDirectory: tempDir(t) });
  const slot = gateway.slot();
  const client = await gateway.client();
  const size = 100 * KIB * KIB;
  client.sendRaw(`POST / HTTP/1.1\r\n${HEAD}Content-Length: ${String(size)}\r\n\r\n`, 'POST');
  const piece = Buffer.alloc(KIB * KIB);
  slot.socket.pause();
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for (let sent = 0; sent < size; sent += piece.length) {
    await client.stream.written(piece);
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  slot.socket.resume();
  const request = await slot.next();
  assert.equal((await bodyOf(slot, request)).length, size);
  slot.respond(request.id, { body: 'all' });
  assert.equal((await client.response()).text, 'all');
  // Node's sockets and this test's own client have a part in it.
  assert.ok(most < 40 * KIB * KIB, `${String(most)} bytes`);
});

test('a client that sends drop by drop hears 408, however steadily it sends', async (t) => {
  const gateway = await RunningGateway.start(t, { socketTimeoutMs: 200 });
  const client = await gateway.client();
  client.sendRaw(`POST / HTTP/1.1\r\n${HEAD}Content-Length: 1000\r\n\r\n`, 'POST');
  const drops = setInterval(() => client.stream.write('x'), 20);
  t.after(() => clearInterval(drops));
  assert.equal((await client.response()).status, 408);
});

/** All of a body that a slot gets, its first piece included. */
async function bodyOf(slot: FakeSlot, first: Received): Promise<Buffer> {
  const pieces = [first.body];
  for (let last = first; (last.flags & REQUEST_FLAG.complete) === 0; pieces.push(last.body)) {
    last = await slot.next();
    assert.deepEqual([last.kind, last.id], [KIND.requestBody, first.id]);
  }
  return Buffer.concat(pieces);
}
