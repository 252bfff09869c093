import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { callerOn } from '../../../src/core/gateway/caller.ts';
import { Counters } from '../../../src/core/gateway/counters.ts';
import { Deadlines } from '../../../src/core/gateway/deadlines.ts';
import { Dispatcher } from '../../../src/core/gateway/dispatcher.ts';
import type { Door } from '../../../src/core/gateway/door.ts';
import { FastcgiConnection } from '../../../src/core/gateway/fastcgi-connection.ts';
import { Oddities } from '../../../src/core/gateway/oddities.ts';
import { CgiVariables } from '../../../src/core/protocol/cgi/variables.ts';
import { REQUESTS_MAX } from '../../../src/core/protocol/fastcgi/values.ts';
import { marshalKey, MarshalWriter } from '../../../src/core/wire/marshal.ts';
import { KIND, REQUEST_FLAG, REQUEST_ROOM, RESPONSE_FLAG } from '../../../src/core/wire/messages.ts';
import { eventually } from '../../helpers/eventually.ts';
import { FastcgiClient, FCGI, fcgiBegin, fcgiHead, fcgiMessage, fcgiPairs, fcgiRecord, fcgiVars } from '../../helpers/fastcgi.ts';
import { onEnd, type Scope } from '../../helpers/scope.ts';
import type { FakeSlot, Received } from './fake-slot.ts';
import { fakeStore } from './fake-store.ts';
import { KEEPING, RunningGateway, UNBUFFERED } from './running-gateway.ts';

const MEGABYTE = 1024 * 1024;
/** No wait ends by itself, so that a test does not pass by that. */
const FASTCGI = { protocol: 'fastcgi', option: 'fastcgi-socket', keepAliveMs: 0, socketTimeoutMs: 0, cgiTimeoutMs: 0 } as const;

async function start(t: Scope, wanted: Parameters<typeof RunningGateway.start>[1] = {}) {
  const gateway = await RunningGateway.start(t, { ...FASTCGI, ...wanted });
  return { gateway, slot: gateway.slot(), client: await connect(t, gateway) };
}

async function connect(t: Scope, { port }: RunningGateway): Promise<FastcgiClient> {
  const client = await FastcgiClient.open({ host: '127.0.0.1', port });
  onEnd(t, () => client.close());
  return client;
}

/** All that clients sent before has been read: a later connection had its answer. */
async function hasRead(t: Scope, gateway: RunningGateway): Promise<void> {
  const client = await connect(t, gateway);
  client.write(fcgiRecord(FCGI.getValues, 0));
  await client.record();
  client.close();
}

/** All of a body that a slot gets, its first piece included. */
async function bodyOf(slot: FakeSlot, first: Received): Promise<Buffer> {
  const pieces = [first.body];
  for (let last = first; (last.flags & REQUEST_FLAG.complete) === 0; pieces.push(last.body)) {
    last = await slot.next();
    assert.deepEqual([last.kind, last.id], [KIND.requestBody, first.id]);
  }
  return Buffer.concat(pieces);
}

const stdin = (id: number, content: Buffer | string = '') => fcgiRecord(FCGI.stdin, id, content);
const piece = Buffer.alloc(32_768, 'p');

describe('a FastCGI request', () => {
  test('has the variables of its client for an environ, and nothing else', async (t) => {
    const { slot, client } = await start(t);
    client.send('/a?b', { vars: { HTTP_X: 'caf\xe9', REMOTE_ADDR: '192.0.2.1' } });
    const { environ, id } = await slot.next();
    assert.deepEqual(environ, fcgiVars('/a?b', { HTTP_X: 'caf\xe9', REMOTE_ADDR: '192.0.2.1' }));
    slot.respond(id, { fields: 'A: b\r\n', body: 'hello', length: 5 });
    assert.deepEqual(await client.nextAnswer(), {
      id: 1,
      stdout: Buffer.from('Status: 200 OK\r\nA: b\r\n\r\nhello'),
      protocolStatus: 0,
      applicationStatus: 0,
    });
  });

  test('of an nph address is answered as in HTTP', async (t) => {
    const { slot, client } = await start(t, { option: 'fastcgi-nph-socket' });
    client.send('/');
    await slot.serve('x');
    assert.equal((await client.nextAnswer()).stdout.toString(), 'HTTP/1.1 200 OK\r\n\r\nx');
  });

  test('may be cut anywhere, its PARAMS into many records', async (t) => {
    const { slot, client } = await start(t);
    const params = fcgiPairs(fcgiVars('/cut', { CONTENT_LENGTH: '3' }));
    const records = [...params].map((byte) => fcgiRecord(FCGI.params, 1, Buffer.of(byte), 3));
    const bytes = Buffer.concat([fcgiBegin(1), ...records, fcgiRecord(FCGI.params, 1), stdin(1, 'a'), stdin(1, 'bc'), stdin(1)]);
    for (let at = 0; at < bytes.length; at += 7) client.stream.write(bytes.subarray(at, at + 7));
    const request = await slot.serve('');
    assert.equal(request.environ['PATH_INFO'], '/cut');
    assert.equal(request.body.toString(), 'abc');
    assert.equal((await client.response()).status, 200);
  });

  test('follows another on the same connection where the client keeps it', async (t) => {
    const { slot, client } = await start(t);
    for (const text of ['one', 'two', 'three']) {
      client.send(`/${text}`);
      await slot.serve(text);
      assert.equal((await client.response()).text, text);
    }
  });

  test('ends its connection where the client does not keep it', async (t) => {
    const { slot, client } = await start(t);
    client.send('/', { keepsConnection: false });
    await slot.serve('bye');
    assert.equal((await client.response()).text, 'bye');
    assert.equal((await client.stream.readToEnd()).length, 0);
  });

  test('with a long body goes to a worker before that is here, and is read as fast as the worker reads', async (t) => {
    const { slot, client } = await start(t, UNBUFFERED);
    const size = 32 * MEGABYTE;
    client.write(fcgiHead('/', { vars: { CONTENT_LENGTH: String(size) } }));
    for (let sent = 0; sent < size; sent += piece.length) client.write(stdin(1, piece));
    client.write(stdin(1));
    const first = await slot.next();
    assert.equal(first.flags & REQUEST_FLAG.complete, 0);
    slot.socket.pause();
    await noMoreGoes(client);
    assert.ok(client.stream.socket.writableLength > 16 * MEGABYTE);
    slot.socket.resume();
    assert.equal((await bodyOf(slot, first)).length, size);
    slot.respond(first.id, { body: 'read' });
    assert.equal((await client.response()).text, 'read');
  });

  test('whose body has no length is given one when it is short, and is known to have none when it is long', async (t) => {
    const { slot, client } = await start(t, UNBUFFERED);
    client.write(fcgiHead('/short', { vars: { CONTENT_LENGTH: '' } }), stdin(1, 'abc'), stdin(1));
    assert.equal((await slot.serve('')).environ['CONTENT_LENGTH'], '3');
    await client.response();
    client.write(fcgiHead('/long'), ...Array.from({ length: 4 }, () => stdin(1, piece)));
    const first = await slot.next();
    assert.equal(first.flags, REQUEST_FLAG.unknownLength);
    client.write(stdin(1));
    assert.equal((await bodyOf(slot, first)).length, 4 * piece.length);
    slot.respond(first.id);
    await client.response();
  });

  test('whose body comes while all workers are busy has all of it when one is free', async (t) => {
    const { gateway, slot, client } = await start(t);
    (await connect(t, gateway)).send('/first');
    const first = await slot.next();
    const body = Buffer.concat([piece, piece, piece, Buffer.from('the end')]);
    client.send('/second', { body });
    await hasRead(t, gateway);
    slot.respond(first.id);
    const second = await slot.next();
    assert.ok((await bodyOf(slot, second)).equals(body));
    slot.respond(second.id, { body: 'read' });
    assert.equal((await client.response()).text, 'read');
  });

  test('that is answered before its body is here leaves the rest of it behind', async (t) => {
    const { slot, client } = await start(t, UNBUFFERED);
    client.write(fcgiHead('/', { vars: { CONTENT_LENGTH: '1000000' } }), stdin(1, piece), stdin(1, piece));
    const { id } = await slot.next();
    slot.respond(id, { body: 'enough' });
    assert.equal((await client.response()).text, 'enough');
    client.write(stdin(1, piece), stdin(1));
    client.send('/next');
    await slot.serve('next');
    assert.equal((await client.response()).text, 'next');
  });

  test('that a worker died of is answered 502, and the connection goes on', async (t) => {
    const { gateway, slot, client } = await start(t);
    client.send('/');
    gateway.begin(slot, (await slot.next()).id);
    slot.die();
    assert.equal((await client.response()).status, 502);
    client.send('/again');
    await gateway.slot({ pid: 13 }).serve('again');
    assert.equal((await client.response()).text, 'again');
  });

  test('whose response breaks off loses its connection before the end of the request', async (t) => {
    const { slot, client } = await start(t);
    client.send('/');
    const { id } = await slot.next();
    slot.respond(id, { body: 'half', length: 8, flags: 0 });
    slot.end(id, RESPONSE_FLAG.aborted);
    await assert.rejects(async () => await client.nextAnswer(), { name: 'ConnectionLost' });
  });

  test('whose response is shorter than it said loses its connection, too', async (t) => {
    const { slot, client } = await start(t);
    client.send('/');
    slot.respond((await slot.next()).id, { body: 'half', length: 8 });
    await assert.rejects(async () => await client.nextAnswer(), { name: 'ConnectionLost' });
  });
});

describe('requests that share a connection', () => {
  test('are answered as they come, whatever the order', async (t) => {
    const { gateway, slot, client } = await start(t);
    const other = gateway.slot({ seat: 1 });
    client.write(fcgiMessage('/1', { id: 1 }), fcgiMessage('/2', { id: 65_535, keepsConnection: false }));
    const [one, two] = [await slot.next(), await other.next()];
    const [first, second] = one.environ['PATH_INFO'] === '/1' ? [slot, other] : [other, slot];
    const ids = first === slot ? [one.id, two.id] : [two.id, one.id];
    second.respond(ids[1] ?? 0, { body: 'second' });
    assert.deepEqual([(await client.nextAnswer()).id], [65_535]);
    first.respond(ids[0] ?? 0, { body: 'first' });
    assert.match((await client.nextAnswer()).stdout.toString(), /first$/);
    assert.equal((await client.stream.readToEnd()).length, 0);
  });

  test('may have their bodies mixed', async (t) => {
    const { gateway, slot, client } = await start(t);
    const other = gateway.slot({ seat: 1 });
    const vars = { CONTENT_LENGTH: '6' };
    client.write(
      fcgiHead('/1', { id: 1, vars }),
      fcgiHead('/2', { id: 2, vars }),
      stdin(1, 'aaa'),
      stdin(2, 'bbb'),
      stdin(2, 'BBB'),
      stdin(1, 'AAA'),
    );
    const bodies = [await slot.serve(''), await other.serve('')].map(({ environ, body }) => `${environ['PATH_INFO']} ${body.toString()}`);
    assert.deepEqual(bodies.toSorted(), ['/1 aaaAAA', '/2 bbbBBB']);
  });

  test('are ended apart: one that is aborted is abandoned, the other is answered', async (t) => {
    const { slot, client } = await start(t, { prefetch: 2 });
    client.write(fcgiMessage('/1', { id: 1 }), fcgiMessage('/2', { id: 2 }));
    const [one, two] = [await slot.next(), await slot.next()];
    client.write(fcgiRecord(FCGI.abortRequest, 1));
    assert.deepEqual(await client.nextAnswer(), { id: 1, stdout: Buffer.alloc(0), protocolStatus: 0, applicationStatus: 0 });
    const cancel = await slot.next();
    assert.deepEqual([cancel.kind, cancel.id], [KIND.cancel, one.id]);
    slot.respond(one.id, { body: 'nobody hears this' });
    slot.respond(two.id, { body: 'two' });
    assert.match((await client.nextAnswer()).stdout.toString(), /two$/);
  });

  test('are ended apart: a response that breaks off is told by its status where the connection has to go on for another', async (t) => {
    const { slot, client } = await start(t, { prefetch: 2 });
    client.write(fcgiMessage('/1', { id: 1 }), fcgiMessage('/2', { id: 2 }));
    const [one, two] = [await slot.next(), await slot.next()];
    slot.respond(one.id, { body: 'half', flags: 0 });
    slot.end(one.id, RESPONSE_FLAG.aborted);
    assert.equal((await client.nextAnswer()).applicationStatus, 1);
    slot.respond(two.id, { body: 'two' });
    assert.match((await client.nextAnswer()).stdout.toString(), /two$/);
    assert.equal((await client.stream.readToEnd()).length, 0);
  });

  test('cannot make each other wait for ever: one whose body blocks the way while it waits itself gives way', async (t) => {
    const { gateway, slot, client } = await start(t, UNBUFFERED);
    const vars = { CONTENT_LENGTH: '1000000' };
    client.write(fcgiHead('/runs', { id: 1, vars }), stdin(1, piece), stdin(1, piece));
    const running = await slot.next();
    client.write(fcgiHead('/waits', { id: 2, vars }), stdin(2, piece), stdin(2, piece), stdin(2, piece));
    assert.deepEqual(await client.nextAnswer(), { id: 2, stdout: Buffer.alloc(0), protocolStatus: 2, applicationStatus: 0 });
    assert.match(gateway.lines.join('\n'), /"GET \/waits" 503: its body waits for a worker/);
    for (let sent = 2 * piece.length; sent < 1_000_000; sent += piece.length) client.write(stdin(1, piece.subarray(0, 1_000_000 - sent)));
    assert.equal((await bodyOf(slot, running)).length, 1_000_000);
  });

  test('do not run out of time while one of them keeps the connection from being read', async (t) => {
    const { gateway, slot, client } = await start(t, { ...UNBUFFERED, cgiTimeoutMs: 200 });
    const other = gateway.slot({ seat: 1 });
    const size = 32 * MEGABYTE;
    client.write(fcgiHead('/slow', { id: 1, vars: { CONTENT_LENGTH: String(size) } }), stdin(1, piece), stdin(1, piece));
    const [first, second] = [slot.next(), other.next()];
    const [busy, free, its] = await Promise.race([
      first.then(() => [slot, other, second] as const),
      second.then(() => [other, slot, first] as const),
    ]);
    client.write(fcgiHead('/waits', { id: 2, vars: { CONTENT_LENGTH: '100' } }));
    busy.socket.pause();
    for (let sent = 2 * piece.length; sent < size; sent += piece.length) client.write(stdin(1, piece));
    client.write(stdin(2, Buffer.alloc(100)));
    for (let waits = 0; waits < 3; waits++) await passTheTimeout(t, gateway);
    busy.socket.resume();
    const { id, environ } = await its;
    assert.equal(environ['PATH_INFO'], '/waits');
    free.respond(id, { body: 'in time' });
    assert.match((await client.nextAnswer()).stdout.toString(), /in time$/);
  });

  test(`are at most ${REQUESTS_MAX}`, async (t) => {
    const { client } = await start(t);
    for (let id = 1; id <= REQUESTS_MAX + 1; id++) client.write(fcgiBegin(id));
    const { id, protocolStatus } = await client.nextAnswer();
    assert.deepEqual([id, protocolStatus], [REQUESTS_MAX + 1, 2]);
  });
});

describe('what is no request', () => {
  test('GET_VALUES is answered', async (t) => {
    const { client } = await start(t);
    client.write(fcgiRecord(FCGI.getValues, 0, fcgiPairs({ FCGI_MPXS_CONNS: '' })));
    const { type, content } = await client.record();
    assert.equal(type, FCGI.getValuesResult);
    assert.deepEqual(content, fcgiPairs({ FCGI_MPXS_CONNS: '1' }));
  });

  test('an unknown question is answered so', async (t) => {
    const { client } = await start(t);
    client.write(fcgiRecord(99, 0));
    assert.deepEqual(await client.record(), { type: FCGI.unknownType, id: 0, content: Buffer.from([99, 0, 0, 0, 0, 0, 0, 0]) });
  });

  for (const role of [2, 3, 0]) {
    test(`role ${role} is declined`, async (t) => {
      const { client } = await start(t);
      client.write(fcgiBegin(5, { role, keepsConnection: false }));
      const { id, protocolStatus } = await client.nextAnswer();
      assert.deepEqual([id, protocolStatus], [5, 3]);
      assert.equal((await client.stream.readToEnd()).length, 0);
    });
  }

  for (const { what, bytes, line } of [
    {
      what: 'HTTP',
      bytes: Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
      line: /a record of version 71, which there is not; is it FastCGI\?/,
    },
    { what: 'a second BEGIN_REQUEST', bytes: Buffer.concat([fcgiBegin(1), fcgiBegin(1)]), line: /a second BEGIN_REQUEST of request 1/ },
    { what: 'a short BEGIN_REQUEST', bytes: fcgiRecord(FCGI.beginRequest, 1, 'x'), line: /a BEGIN_REQUEST of 1 bytes/ },
    { what: 'STDIN before PARAMS', bytes: Buffer.concat([fcgiBegin(1), stdin(1, 'x')]), line: /STDIN before the end of PARAMS/ },
    {
      what: 'PARAMS after their end',
      bytes: Buffer.concat([fcgiHead('/'), fcgiRecord(FCGI.params, 1, 'x')]),
      line: /PARAMS after their end/,
    },
    { what: 'STDOUT', bytes: Buffer.concat([fcgiBegin(1), fcgiRecord(FCGI.stdout, 1, 'x')]), line: /a record of type 6/ },
    { what: 'GET_VALUES that are none', bytes: fcgiRecord(FCGI.getValues, 0, Buffer.of(200)), line: /a length that runs past the end/ },
  ]) {
    test(`${what} gets a line in the log and the end of the connection`, async (t) => {
      const { gateway, client } = await start(t);
      client.write(bytes);
      assert.equal((await client.stream.readToEnd()).length, 0);
      assert.equal(gateway.lines.length, 1);
      assert.match(gateway.lines[0] ?? '', line);
      assert.match(gateway.lines[0] ?? '', /^\[gateway\] 127\.0\.0\.1 malformed fastcgi request: .*; the connection was closed$/);
    });
  }

  test('a broken record takes the requests of its connection with it', async (t) => {
    const { slot, client } = await start(t);
    client.send('/');
    const { id } = await slot.next();
    client.stream.write('nothing good');
    const cancel = await slot.next();
    assert.deepEqual([cancel.kind, cancel.id], [KIND.cancel, id]);
  });

  for (const { what, bytes, status, line } of [
    {
      what: 'PARAMS that are none',
      bytes: Buffer.concat([fcgiBegin(1), fcgiRecord(FCGI.params, 1, Buffer.of(9, 9)), fcgiRecord(FCGI.params, 1)]),
      status: 400,
      line: /a name or value that runs past its end/,
    },
    {
      what: 'PARAMS that are too large',
      bytes: fcgiHead('/', { vars: { HTTP_COOKIE: 'x'.repeat(9000) } }),
      status: 431,
      line: /buffer-size allows 8192/,
    },
    {
      what: 'a CONTENT_LENGTH that is none',
      bytes: fcgiHead('/', { vars: { CONTENT_LENGTH: '-1' } }),
      status: 400,
      line: /"" 400: .*a CONTENT_LENGTH that is no number/,
    },
    {
      what: 'STDIN that is too short',
      bytes: Buffer.concat([fcgiHead('/s', { vars: { CONTENT_LENGTH: '9' } }), stdin(1, 'x'), stdin(1)]),
      status: 400,
      line: /"GET \/s" 400: .*STDIN ends after 1 of 9 bytes/,
    },
    {
      what: 'STDIN that is too long',
      bytes: Buffer.concat([fcgiHead('/l', { vars: { CONTENT_LENGTH: '9' } }), stdin(1, '0123456789')]),
      status: 400,
      line: /more STDIN than CONTENT_LENGTH = 9/,
    },
  ]) {
    test(`${what} are answered ${status}, and the connection ends`, async (t) => {
      const { gateway, client } = await start(t);
      client.write(bytes);
      assert.equal((await client.response()).status, status);
      assert.match(gateway.lines[0] ?? '', line);
      assert.equal((await client.stream.readToEnd()).length, 0);
    });
  }

  for (const { what, bytes } of [
    { what: 'that is told beforehand', bytes: fcgiHead('/', { vars: { CONTENT_LENGTH: '1001' } }) },
    { what: 'that nobody told', bytes: Buffer.concat([fcgiHead('/'), stdin(1, Buffer.alloc(1000)), stdin(1, 'x')]) },
  ]) {
    test(`a body above limit-post ${what} is answered 413`, async (t) => {
      const { gateway, client } = await start(t, { limitPost: 1000 });
      client.write(bytes);
      assert.equal((await client.response()).status, 413);
      assert.match(gateway.lines[0] ?? '', /"GET \/" 413: a body of 1001 bytes; limit-post allows 1000/);
    });
  }

  test('more STDIN than was said is answered 400 also when a worker has the request', async (t) => {
    const { slot, client } = await start(t);
    client.send('/', { body: 'abc' });
    await slot.next();
    client.write(stdin(1, 'd'));
    assert.equal((await client.response()).status, 400);
  });
});

describe('a client', () => {
  test('that keeps a request waiting hears 408', async (t) => {
    const { client } = await start(t, { cgiTimeoutMs: 200 });
    client.write(fcgiBegin(1), fcgiRecord(FCGI.params, 1, 'x'));
    assert.equal((await client.response()).status, 408);
  });

  test('that keeps a body waiting hears 408 as well, and the worker is told', async (t) => {
    const { slot, client } = await start(t, { ...UNBUFFERED, cgiTimeoutMs: 200 });
    client.write(fcgiHead('/', { vars: { CONTENT_LENGTH: '1000000' } }), stdin(1, piece), stdin(1, piece));
    await slot.next();
    assert.equal((await client.response()).status, 408);
    assert.equal((await slot.next()).kind, KIND.cancel);
  });

  test('that says nothing is let go', async (t) => {
    const { client } = await start(t, { cgiTimeoutMs: 100, keepAliveMs: 100 });
    assert.equal((await client.stream.readToEnd()).length, 0);
  });

  test('that keeps a connection and says nothing is let go', async (t) => {
    const { slot, client } = await start(t, { keepAliveMs: 100 });
    client.send('/');
    await slot.serve('');
    await client.response();
    assert.equal((await client.stream.readToEnd()).length, 0);
  });

  test('that leaves takes its requests with it', async (t) => {
    const { slot, client } = await start(t);
    client.write(fcgiMessage('/1', { id: 1 }), fcgiMessage('/2', { id: 2 }));
    const { id } = await slot.next();
    client.close();
    slot.respond(id, { body: 'x'.repeat(1000), flags: 0 });
    slot.more(id, 'y');
    const cancel = await slot.next();
    assert.deepEqual([cancel.kind, cancel.id], [KIND.cancel, id]);
    slot.end(id);
    await eventually('nothing of the second came', () => slot.pending.length === 0);
  });

  test('that ends its side hears the answer of what runs', async (t) => {
    const { gateway, slot, client } = await start(t);
    client.send('/');
    const { id } = await slot.next();
    client.stream.finish();
    await hasRead(t, gateway);
    slot.respond(id, { body: 'still here' });
    assert.equal((await client.response()).text, 'still here');
    assert.equal((await client.stream.readToEnd()).length, 0);
  });

  test('that does not read makes the worker wait', async (t) => {
    const { slot, client } = await start(t);
    client.send('/');
    const { id } = await slot.next();
    slot.respond(id, { flags: 0 });
    await eventually('the worker has to wait', () => !slot.more(id, Buffer.alloc(MEGABYTE)) && slot.socket.writableLength > 8 * MEGABYTE);
    slot.end(id);
    const { stdout } = await client.nextAnswer();
    assert.ok(stdout.length > 8 * MEGABYTE);
  });

  test('that does not read has what two workers answered at once, each response in one piece, when it reads', async (t) => {
    const { gateway, slot, client } = await start(t, KEEPING);
    const second = gateway.slot({ core: 1, seat: 1, pid: 13 });
    for (const id of [1, 2]) client.send(`/${id}`, { id });
    const ids = [await slot.next(), await second.next()].map(({ id }) => id);
    for (const [at, one] of [slot, second].entries()) one.respond(ids[at] ?? 0, { flags: 0 });
    for (let nth = 0; nth < 16; nth++) {
      for (const [at, one] of [slot, second].entries()) one.more(ids[at] ?? 0, Buffer.alloc(MEGABYTE, at + 1));
    }
    for (const [at, one] of [slot, second].entries()) one.end(ids[at] ?? 0);
    const other = await connect(t, gateway);
    other.send('/other');
    await Promise.race([slot.serve('other'), second.serve('other')]);
    assert.equal((await other.response()).text, 'other');
    for (let nth = 0; nth < 2; nth++) {
      const { stdout } = await client.nextAnswer();
      const body = stdout.subarray(stdout.indexOf('\r\n\r\n') + 4);
      assert.equal(body.length, 16 * MEGABYTE);
      assert.ok(body.equals(Buffer.alloc(body.length, body[0])));
    }
  });

  test('that leaves the rest of its body unsaid is answered, and its connection goes on', async (t) => {
    const { slot, client } = await start(t, { ...UNBUFFERED, ...KEEPING });
    client.write(fcgiHead('/', { vars: { CONTENT_LENGTH: '1000000' } }), stdin(1, piece), stdin(1, piece));
    const { id } = await slot.next();
    slot.respond(id, { flags: 0 });
    for (let nth = 0; nth < 16; nth++) slot.more(id, Buffer.alloc(MEGABYTE));
    slot.end(id);
    await eventually('the slot need not wait', () => slot.socket.writableLength === 0);
    client.write(stdin(1, piece));
    // Once the gateway has no more than it may for this connection, it reads on: the first response is far from its end.
    let taken = 0;
    while (taken < 4 * MEGABYTE) taken += (await client.record()).content.length;
    client.send('/next', { id: 2 });
    await slot.serve('next');
    const answers = [await client.nextAnswer(), await client.nextAnswer()].sort((one, other) => one.id - other.id);
    assert.deepEqual(
      answers.map(({ id: of }) => of),
      [1, 2],
    );
    assert.ok(taken + (answers[0]?.stdout.length ?? 0) > 16 * MEGABYTE);
  });

  test('that does not read and leaves lets the worker go on', async (t) => {
    const { gateway, slot, client } = await start(t);
    client.send('/');
    const { id } = await slot.next();
    slot.respond(id, { flags: 0 });
    await eventually('the worker has to wait', () => !slot.more(id, Buffer.alloc(MEGABYTE)) && slot.socket.writableLength > 8 * MEGABYTE);
    client.close();
    slot.end(id);
    const next = await connect(t, gateway);
    next.send('/next');
    assert.equal((await slot.next()).kind, KIND.cancel);
    await slot.serve('next');
    assert.equal((await next.response()).text, 'next');
  });

  test('that asks and asks and does not read is not read either', async (t) => {
    const { client } = await start(t);
    const question = fcgiRecord(FCGI.getValues, 0, fcgiPairs({ FCGI_MPXS_CONNS: '', FCGI_MAX_CONNS: '', FCGI_MAX_REQS: '' }));
    const questions = Buffer.concat(Array.from({ length: 500 }, () => question));
    for (let sent = 0; sent < 1500; sent++) client.stream.write(questions);
    await noMoreGoes(client);
    assert.ok(client.stream.socket.writableLength > 16 * MEGABYTE);
  });
});

/** So long that the timeout of whatever waits has passed as well. */
async function passTheTimeout(t: Scope, gateway: RunningGateway): Promise<void> {
  const client = await connect(t, gateway);
  client.write(fcgiBegin(1));
  assert.equal((await client.response()).status, 408);
}

/** Waits until what is left to send has not become less for a while. */
async function noMoreGoes({ stream: { socket } }: FastcgiClient): Promise<void> {
  let [last, times] = [-1, 0];
  await eventually('no more goes', () => {
    times = socket.writableLength === last ? times + 1 : 0;
    last = socket.writableLength;
    return times === 20;
  });
}

describe('a graceful stop', () => {
  test('answers what runs and closes', async (t) => {
    const { gateway, slot, client } = await start(t);
    client.send('/');
    const { id } = await slot.next();
    const idle = await connect(t, gateway);
    gateway.gateway.handle({ type: 'stop', how: 'gracefully' });
    slot.respond(id, { body: 'last' });
    assert.equal((await client.response()).text, 'last');
    assert.equal((await client.stream.readToEnd()).length, 0);
    assert.equal((await idle.stream.readToEnd()).length, 0);
    await gateway.hasStopped();
  });

  test('hears a client that has just come, and lets it go then', async (t) => {
    const { gateway, slot, client } = await start(t);
    await hasRead(t, gateway);
    gateway.gateway.handle({ type: 'stop', how: 'gracefully' });
    client.send('/');
    await slot.serve('heard');
    assert.equal((await client.response()).text, 'heard');
    assert.equal((await client.stream.readToEnd()).length, 0);
    await gateway.hasStopped();
  });
});

test('a connection tells whether it is idle, speaking or busy, so that the silent can go first where there is no room', () => {
  const socket = new Socket();
  const connection = new FastcgiConnection(callerOn(socket, 'fastcgi-socket'), idleDoor(), {
    limit: 8192,
    maxVariables: 0,
    form: 'parsed',
    variables: new CgiVariables('fastcgi', marshalKey),
  });
  const activities = [connection.activity];
  for (const bytes of [fcgiBegin(1), fcgiRecord(FCGI.params, 1, 'a part'), fcgiHead('/', { id: 2 }), stdin(2)]) {
    socket.emit('data', bytes);
    activities.push(connection.activity);
  }
  assert.deepEqual(activities, ['idle', 'speaking', 'speaking', 'busy', 'busy']);
  connection.destroy();
});

/** The door of a gateway that has no workers. */
function idleDoor(): Door {
  return {
    listener: { ...FASTCGI, fd: -1, name: 'f.sock', serverName: 'box', serverPort: '80' },
    constants: [],
    environ: new MarshalWriter(REQUEST_ROOM),
    receivers: undefined,
    workers: new Dispatcher(
      { harakiriMs: 0, httpHarakiriMs: 0, queueTimeoutMs: 0, queueLimit: 10, prefetch: 1 },
      {
        lastStarted: () => ({ requestId: 0, deadlineMs: 0 }),
        log: () => undefined,
        counters: new Counters(),
        knock: () => undefined,
        askBack: () => undefined,
        bare: () => undefined,
      },
    ),
    deadlines: new Deadlines(1000, () => undefined),
    bodies: fakeStore({ bodyMemory: 1024 }).store,
    socketTimeoutMs: 0,
    headTimeoutMs: 0,
    keepAliveMs: 0,
    limitPost: 0,
    counters: new Counters(),
    log: () => undefined,
    oddities: new Oddities('f.sock', { now: () => 0, log: () => undefined }),
    isStopping: () => false,
    closed: () => undefined,
    becomes: () => undefined,
  };
}
