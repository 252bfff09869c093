import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { KIND, REQUEST_FLAG, RESPONSE_FLAG } from '../../../src/core/wire/messages.ts';
import { LONG_MS } from '../../../src/core/workers/slots.ts';
import { eventually } from '../../helpers/eventually.ts';
import { tempDir } from '../../helpers/temp.ts';
import { Crowd, PLAN } from './crowd.ts';
import type { FakeSlot, Received } from './fake-slot.ts';
import { RunningGateway, UNBUFFERED } from './running-gateway.ts';

test('a pause lets what runs be answered and holds back all else until it is over', async (t) => {
  const gateway = await RunningGateway.start(t);
  const slot = gateway.slot();
  const [running, waiting] = [await gateway.client(), await gateway.client()];
  running.send('/running');
  const { id } = await slot.next();
  gateway.gateway.handle({ type: 'pause' });
  waiting.send('/waiting');
  await eventually('it waits', () => gateway.hasWaiting(1));
  slot.respond(id, { body: 'finished' });
  assert.equal((await running.response()).text, 'finished');
  gateway.slot({ core: 1 });
  await gateway.gatewayHasRead();
  assert.deepEqual(slot.pending, []);
  gateway.gateway.handle({ type: 'resume' });
  await slot.serve('at last');
  assert.equal((await waiting.response()).text, 'at last');
});

test('tells a slot whether few requests run, two for each processor at most', async (t) => {
  const few = 2 * availableParallelism();
  const gateway = await RunningGateway.start(t, { prefetch: few + 1 });
  const slot = gateway.slot();
  const send = async () => {
    (await gateway.client()).send('/');
    return slot.next();
  };
  for (let time = 0; time < 2; time++) {
    const requests: Received[] = [];
    while (requests.length <= few) requests.push(await send());
    assert.deepEqual(
      requests.map(({ isCalm }) => isCalm),
      [...Array.from({ length: few }, () => true), false],
    );
    for (const { id } of requests) slot.respond(id);
    await gateway.gatewayHasRead();
  }
});

const knocks = ({ reports }: RunningGateway): number => reports.filter(({ type }) => type === 'knock').length;

describe('one of several gateways', () => {
  const shortages = ({ reports }: RunningGateway) =>
    reports.flatMap((report) => (report.type === 'short' ? [[report.site, report.isBare]] : []));
  const lend = ({ gateway }: RunningGateway, isUrgent: boolean): void => gateway.handle({ type: 'lend', site: '', to: 1, isUrgent });

  test('tells as long as requests wait, and whether it has a slot at all', async (t) => {
    const gateway = await RunningGateway.start(t, { number: 2, prefetch: 1 });
    const [first, second] = [await gateway.client(), await gateway.client()];
    first.send('/first');
    await eventually('it has no slot', () => shortages(gateway).length > 1);
    assert.deepEqual(shortages(gateway).at(-1), ['', true]);
    const slot = gateway.slot();
    const { id } = await slot.next();
    second.send('/second');
    await eventually('its slot is busy', () => shortages(gateway).at(-1)?.[1] === false);
    slot.respond(id);
    await slot.serve('second');
    await second.response();
    const told = shortages(gateway).length;
    await gateway.gatewayHasRead();
    assert.equal(shortages(gateway).length, told);
  });

  test('does not tell while it is paused, nor when it is the only one', async (t) => {
    for (const wanted of [{ number: 2 }, {}]) {
      const gateway = await RunningGateway.start(t, wanted);
      if ('number' in wanted) gateway.gateway.handle({ type: 'pause' });
      const client = await gateway.client();
      client.send('/');
      await eventually('it waits', () => gateway.hasWaiting());
      assert.deepEqual(shortages(gateway), []);
    }
  });

  test('asks at once when it has no slot', async (t) => {
    const gateway = await RunningGateway.start(t, { number: 2 });
    gateway.gateway.handle({ type: 'watch', site: '' });
    const client = await gateway.client();
    client.send('/');
    await eventually('it knocks', () => knocks(gateway) > 0);
    assert.deepEqual(shortages(gateway), [['', true]]);
  });

  test('gives a slot that is idle, and none that is busy', async (t) => {
    const gateway = await RunningGateway.start(t, { number: 2 });
    const slots = [gateway.slot(), gateway.slot({ core: 1 })] as const;
    await gateway.gatewayHasRead();
    lend(gateway, false);
    const moved = await eventually('one is told to go', () => slots.find(({ pending }) => pending.length > 0));
    assert.equal((await moved.next()).kind, KIND.move);
    const kept = moved === slots[0] ? slots[1] : slots[0];
    const client = await gateway.client();
    client.send('/');
    const { id } = await kept.next();
    lend(gateway, false);
    kept.respond(id);
    await client.response();
    assert.deepEqual(kept.pending, []);
    lend(gateway, false);
    assert.equal((await kept.next()).kind, KIND.move);
  });

  test('gives its last slot, busy as it is, to one that has none', async (t) => {
    const gateway = await RunningGateway.start(t, { number: 2 });
    const slot = gateway.slot();
    const client = await gateway.client();
    client.send('/');
    const { id } = await slot.next();
    lend(gateway, false);
    lend(gateway, true);
    assert.equal((await slot.next()).kind, KIND.move);
    slot.respond(id, { body: 'answered' });
    assert.equal((await client.response()).text, 'answered');
    await slot.ended;
  });
});

describe('a gateway without workers', () => {
  test('knocks once, and at once, when a request waits', async (t) => {
    const gateway = await RunningGateway.start(t);
    gateway.gateway.handle({ type: 'watch', site: '' });
    await gateway.gatewayHasRead();
    assert.equal(knocks(gateway), 0);
    const [first, second] = [await gateway.client(), await gateway.client()];
    first.send('/first');
    second.send('/second');
    await eventually('both wait', () => gateway.hasWaiting(2));
    assert.equal(knocks(gateway), 1);
    assert.ok(
      gateway.reports.findIndex(({ type }) => type === 'knock') < gateway.reports.findIndex(({ type }) => type === 'queues'),
      'before the length of the queue is told',
    );
    gateway.gateway.handle({ type: 'watch', site: '' });
    assert.equal(knocks(gateway), 2, 'they wait still');
  });

  test('knocks for the request that comes back from the last worker', async (t) => {
    const gateway = await RunningGateway.start(t, { prefetch: 2 });
    const dying = gateway.slot();
    const clients = [await gateway.client(), await gateway.client()] as const;
    clients[0].send('/begun');
    const { id } = await dying.next();
    clients[1].send('/not-begun');
    await dying.next();
    gateway.begin(dying, id);
    gateway.gateway.handle({ type: 'watch', site: '' });
    dying.die();
    assert.equal((await clients[0].response()).status, 502);
    assert.equal(knocks(gateway), 1);
    await gateway.slot().serve('at last');
    assert.equal((await clients[1].response()).text, 'at last');
  });

  test('does not knock unless it is told to', async (t) => {
    const gateway = await RunningGateway.start(t);
    const client = await gateway.client();
    client.send('/');
    await eventually('it waits', () => gateway.hasWaiting());
    assert.equal(knocks(gateway), 0);
  });

  test('refuses those who wait, and none of those who come later', async (t) => {
    const gateway = await RunningGateway.start(t);
    const client = await gateway.client();
    client.sendRaw('GET /now HTTP/1.1\r\nHost: a\r\n\r\nGET /later HTTP/1.1\r\nHost: a\r\n\r\n', 'GET', 'GET');
    await eventually('it waits', () => gateway.hasWaiting(1));
    gateway.gateway.handle({ type: 'refuse', site: '', status: 503, reason: 'the application could not wake up' });
    const response = await client.response();
    assert.deepEqual([response.status, response.header('retry-after')], [503, '1']);
    assert.deepEqual(gateway.lines, ['[gateway] 127.0.0.1 "GET /now" 503: the application could not wake up']);
    await gateway.slot().serve('later');
    assert.equal((await client.response()).text, 'later');
  });
});

describe('a request', () => {
  test('goes to the least used slot', async (t) => {
    const gateway = await RunningGateway.start(t, { prefetch: 2 });
    const slots = [gateway.slot({ core: 0 }), gateway.slot({ core: 1 })];
    const clients = await Promise.all([1, 2, 3, 4].map(() => gateway.client()));
    for (const client of clients) client.send('/');
    const ids = await Promise.all(slots.flatMap((slot) => [slot.next(), slot.next()]));
    assert.equal(new Set(ids.map(({ id }) => id)).size, 4);
  });

  test('waits until a slot connects, and then goes at once', async (t) => {
    const gateway = await RunningGateway.start(t);
    const client = await gateway.client();
    client.send('/');
    await eventually('the queue is told', () => gateway.hasWaiting(1));
    await gateway.slot().serve('here');
    assert.equal((await client.response()).text, 'here');
  });

  test('is refused with 503 when too many wait, and the connection goes on', async (t) => {
    const gateway = await RunningGateway.start(t, { queueLimit: 1 });
    const first = await gateway.client();
    first.send('/first');
    await eventually('it waits', () => gateway.hasWaiting());
    const second = await gateway.client();
    second.send('/second');
    const response = await second.response();
    assert.equal(response.status, 503);
    assert.equal(response.header('retry-after'), '1');
    assert.equal(response.header('connection'), undefined);
    assert.deepEqual(gateway.lines, ['[gateway] 127.0.0.1 "GET /second" 503: the queue is full (queue-limit = 1)']);
    const slot = gateway.slot();
    await slot.serve('first');
    assert.equal((await first.response()).text, 'first');
    second.send('/again');
    await slot.serve('again');
    assert.equal((await second.response()).text, 'again');
  });

  test('whose client leaves while it waits never gets to a worker', async (t) => {
    const gateway = await RunningGateway.start(t);
    const [gone, other] = [await gateway.client(), await gateway.client()];
    gone.send('/gone');
    await eventually('it waits', () => gateway.hasWaiting(1));
    gone.close();
    await eventually('it was dropped', () => gateway.hasWaiting(0));
    const slot = gateway.slot();
    other.send('/other');
    assert.equal((await slot.serve('')).environ['PATH_INFO'], '/other');
  });

  test('whose client leaves in the middle of its body is cancelled', async (t) => {
    const gateway = await RunningGateway.start(t, UNBUFFERED);
    const slot = gateway.slot();
    const client = await gateway.client();
    client.sendRaw('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n');
    client.stream.write(Buffer.alloc(100_000));
    const { id } = await slot.next();
    client.close();
    const { kind, id: cancelled } = await slot.next();
    assert.deepEqual([kind, cancelled], [KIND.cancel, id]);
  });

  test('whose client leaves in the middle of its response is cancelled, and its slot is free once it has answered', async (t) => {
    const gateway = await RunningGateway.start(t);
    const slot = gateway.slot();
    const client = await gateway.client();
    client.send('/');
    const { id } = await slot.next();
    slot.respond(id, { flags: 0, body: 'begin' });
    await client.responseHead();
    client.stream.socket.resetAndDestroy();
    assert.equal((await slot.next()).kind, KIND.cancel);
    const other = await gateway.client();
    other.send('/other');
    slot.more(id, 'for nobody');
    slot.end(id);
    await slot.serve('other');
    assert.equal((await other.response()).text, 'other');
  });
});

describe('when a worker dies', () => {
  test('the request that it had begun gets a 502, and the connection goes on', async (t) => {
    const gateway = await RunningGateway.start(t);
    const dying = gateway.slot({ worker: 2, pid: 12 });
    const client = await gateway.client();
    client.send('/x');
    const { id } = await dying.next();
    gateway.begin(dying, id);
    dying.die();
    assert.equal((await client.response()).status, 502);
    assert.deepEqual(gateway.lines, ['[gateway] 127.0.0.1 "GET /x" 502: worker 2 (pid 12) died while it ran this request']);
    const slot = gateway.slot({ worker: 2, pid: 13 });
    client.send('/again');
    await slot.serve('again');
    assert.equal((await client.response()).text, 'again');
  });

  test('the requests that it had not begun go to another one, in their order and before those that wait', async (t) => {
    const gateway = await RunningGateway.start(t, { prefetch: 3 });
    const dying = gateway.slot();
    const clients = [];
    const ids: number[] = [];
    for (const path of ['/begun', '/second', '/third']) {
      const client = await gateway.client();
      client.send(path);
      ids.push((await dying.next()).id);
      clients.push(client);
    }
    const waiting = await gateway.client();
    waiting.send('/waiting');
    await eventually('it waits', () => gateway.hasWaiting());
    gateway.begin(dying, ids[0] ?? 0);
    dying.die();
    assert.equal((await clients[0]?.response())?.status, 502);
    const slot = gateway.slot({ core: 1 });
    for (const path of ['/second', '/third', '/waiting']) assert.equal((await slot.serve('')).environ['PATH_INFO'], path);
    assert.equal((await clients[1]?.response())?.status, 200);
  });

  test('a request that it had not begun is answered by the worker that follows, with its body', async (t) => {
    const gateway = await RunningGateway.start(t);
    const dying = gateway.slot();
    const client = await gateway.client();
    client.send('/', { method: 'POST', body: 'kept' });
    await dying.next();
    dying.die();
    assert.equal((await gateway.slot({ pid: 13 }).serve('fine')).body.toString(), 'kept');
    assert.equal((await client.response()).text, 'fine');
  });

  test('a request that it had not begun goes on with its body at the worker that follows', async (t) => {
    const gateway = await RunningGateway.start(t, UNBUFFERED);
    const dying = gateway.slot();
    const client = await gateway.client();
    const sent = Buffer.from(Array.from({ length: 200_000 }, (_, at) => at % 251));
    client.sendRaw(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${String(sent.length)}\r\n\r\n`, 'POST');
    client.stream.write(sent.subarray(0, 65_536));
    await dying.next();
    // When it speaks up and breaks the rules, the gateway knows of its end before the client sends the rest.
    dying.respond(0);
    await dying.ended;
    client.stream.write(sent.subarray(65_536));
    const slot = gateway.slot({ pid: 13 });
    const { id, body } = await slot.next();
    const pieces = [body];
    for (let isLast = false; !isLast;) {
      const frame = await slot.next();
      pieces.push(frame.body);
      isLast = frame.flags === REQUEST_FLAG.complete;
    }
    assert.ok(Buffer.concat(pieces).equals(sent));
    slot.respond(id, { body: 'all of it' });
    assert.equal((await client.response()).text, 'all of it');
  });

  test('a request of whose body a part is gone gets a 502', async (t) => {
    const gateway = await RunningGateway.start(t, UNBUFFERED);
    const dying = gateway.slot();
    const client = await gateway.client();
    client.sendRaw('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n', 'POST');
    client.stream.write(Buffer.alloc(100_000));
    await dying.next();
    client.stream.write(Buffer.alloc(100_000));
    await dying.next();
    dying.die();
    const response = await client.response();
    assert.deepEqual([response.status, response.header('connection')], [502, 'close']);
  });

  for (const { what, deadlineMs, status } of [
    { what: 'which had a deadline of its own and was late gets a 504', deadlineMs: 1, status: 504 },
    { what: 'before its own deadline gets a 502', deadlineMs: 60_000, status: 502 },
  ]) {
    test(`a request ${what}`, async (t) => {
      const gateway = await RunningGateway.start(t);
      const dying = gateway.slot();
      const client = await gateway.client();
      client.send('/');
      const { id } = await dying.next();
      gateway.begin(dying, id, { deadlineMs });
      const begun = performance.now();
      await eventually('the shorter deadline has passed', () => performance.now() - begun > 2);
      dying.die();
      assert.equal((await client.response()).status, status);
    });
  }

  test('a response that had begun is cut', async (t) => {
    const gateway = await RunningGateway.start(t);
    const dying = gateway.slot();
    const client = await gateway.client();
    client.send('/');
    const { id } = await dying.next();
    gateway.begin(dying, id);
    dying.respond(id, { flags: 0, body: 'begin' });
    await client.responseHead();
    dying.die();
    await assert.rejects(client.response(), /CONNECT|chunk|closed|cut|status/i);
  });
});

test('a response whose file was taken over goes on when its worker dies', async (t) => {
  const size = 40 * 2 ** 20;
  const path = join(tempDir(t), 'file');
  writeFileSync(path, Buffer.alloc(size));
  const gateway = await RunningGateway.start(t);
  const slot = gateway.slot();
  const client = await gateway.client();
  client.send('/file');
  const { id } = await slot.next();
  gateway.begin(slot, id);
  slot.respond(id, { length: size, fields: `Content-Length: ${size}\r\n`, flags: 0 });
  slot.offer(id, path);
  assert.equal((await slot.next()).flags, 1, 'it is taken');
  slot.die();
  assert.equal((await client.response()).body.length, size);
});

test('a client whose answer is complete does not wait for the application, and the slot is not free before that', async (t) => {
  const gateway = await RunningGateway.start(t);
  const slot = gateway.slot();
  const client = await gateway.client();
  client.send('/');
  const { id } = await slot.next();
  slot.respond(id, { flags: 0, body: 'all of it' });
  slot.end(id, RESPONSE_FLAG.parted);
  assert.equal((await client.response()).text, 'all of it');
  client.send('/next');
  await eventually('it waits', () => gateway.hasWaiting(1));
  slot.end(id);
  await slot.serve('next');
  assert.equal((await client.response()).text, 'next');
});

describe('a request behind one that takes long', () => {
  /** Fast ones, after which more are sent ahead. */
  const ENOUGH = 250;
  /** The slot has a long request, and then one behind it. */
  async function heldUp(t: TestContext, wanted: Parameters<typeof RunningGateway.start>[1] = {}) {
    const gateway = await RunningGateway.start(t, { prefetch: 0, ...wanted });
    const slot = gateway.slot({ seat: 4, core: 1, pid: 44 });
    const [long, behind] = [await gateway.client(), await gateway.client()];
    for (let nth = 0; nth < ENOUGH; nth++) {
      long.send('/fast');
      await slot.serve('');
      await long.response();
    }
    long.send('/long');
    const { id: longId } = await slot.next();
    behind.send('/behind', wanted.sharesBodies ? { method: 'POST', body: Buffer.alloc(500_000, 'b') } : undefined);
    const request = await slot.next();
    return { gateway, slot, long, behind, longId, request };
  }
  const asked = ({ reports }: RunningGateway) => reports.filter(({ type }) => type === 'held-up');
  const wasAsked = (gateway: RunningGateway) => eventually('it is asked back', () => asked(gateway).length > 0);

  test('goes to another slot, which answers first', async (t) => {
    const { gateway, slot, long, behind, longId, request } = await heldUp(t);
    const other = gateway.slot({ pid: 55 });
    await wasAsked(gateway);
    assert.deepEqual(asked(gateway)[0], { type: 'held-up', seat: 4, core: 1 });
    slot.giveBack(request.id);
    assert.equal((await other.serve('first')).environ['PATH_INFO'], '/behind');
    assert.equal((await behind.response()).text, 'first');
    slot.respond(longId, { body: 'at last' });
    assert.equal((await long.response()).text, 'at last');
  });

  test('goes there with its body, which it has in shared memory', async (t) => {
    const { gateway, slot, behind, request } = await heldUp(t, { sharesBodies: true, bodyMemory: 1024 * 1024 });
    const other = gateway.slot({ pid: 55 });
    await wasAsked(gateway);
    slot.giveBack(request.id);
    const again = await other.next();
    assert.ok(gateway.sharedBody(again.body).equals(Buffer.alloc(500_000, 'b')));
    other.respond(again.id, { body: 'got it' });
    assert.equal((await behind.response()).text, 'got it');
  });

  test('comes back before those that came later', async (t) => {
    const { gateway, slot, behind, request } = await heldUp(t);
    const since = performance.now();
    await eventually('the first has run for long', () => performance.now() - since > 2 * LONG_MS);
    const later = await gateway.client();
    later.send('/later');
    await eventually('nothing more is sent there', () => gateway.hasWaiting(1));
    assert.deepEqual(slot.pending, []);
    gateway.gateway.handle({ type: 'pause' });
    slot.giveBack(request.id);
    await eventually('both wait', () => gateway.hasWaiting(2));
    gateway.gateway.handle({ type: 'resume' });
    const other = gateway.slot({ pid: 55 });
    assert.equal((await other.serve('')).environ['PATH_INFO'], '/behind');
    assert.equal((await other.serve('')).environ['PATH_INFO'], '/later');
    assert.deepEqual([(await behind.response()).status, (await later.response()).status], [200, 200]);
  });

  test('goes nowhere when its client has left', async (t) => {
    const { gateway, slot, behind, request } = await heldUp(t);
    behind.stream.socket.resetAndDestroy();
    assert.equal(await cancelledBy(slot), request.id);
    const other = gateway.slot({ pid: 55 });
    slot.giveBack(request.id);
    const next = await gateway.client();
    next.send('/next');
    assert.equal((await other.serve('')).environ['PATH_INFO'], '/next');
    assert.equal((await next.response()).status, 200);
  });

  test('is answered by its own slot where that has begun it meanwhile', async (t) => {
    const { gateway, slot, long, behind, longId, request } = await heldUp(t);
    gateway.slot({ pid: 55 });
    await wasAsked(gateway);
    slot.respond(longId);
    slot.respond(request.id, { body: 'there' });
    assert.deepEqual([(await long.response()).status, (await behind.response()).text], [200, 'there']);
  });

  test('is not lost with the worker that gave it back', async (t) => {
    const { gateway, slot, long, behind, longId, request } = await heldUp(t);
    const other = gateway.slot({ pid: 55 });
    gateway.begin(slot, longId);
    slot.giveBack(request.id);
    slot.socket.end();
    assert.equal((await long.response()).status, 502);
    await other.serve('served');
    assert.equal((await behind.response()).text, 'served');
  });
});

describe('requests for a worker of several threads', () => {
  const THREADS = 8;
  const CLIENTS = 32;
  /** Enough for a comparison. */
  const MANY = 4000;
  const slowerTogether = (threads: number): number => (threads > 1 ? 0.2 : 0.1);
  const fasterTogether = (threads: number): number => 0.4 / threads;

  test('run on one of them where that is faster, until one takes long', (t) => {
    const crowd = new Crowd(t, { clients: CLIENTS, threads: THREADS });
    assert.equal(crowd.busy.length, THREADS);
    crowd.answer(MANY, slowerTogether);
    assert.equal(crowd.busy.length, 1);
    assert.ok((crowd.busy[0]?.used ?? 0) > 1);
    crowd.pass(2 * LONG_MS);
    assert.equal(crowd.busy.length, THREADS);
  });

  test('run on all of them where that is faster', (t) => {
    const crowd = new Crowd(t, { clients: CLIENTS, threads: THREADS });
    crowd.answer(MANY, fasterTogether);
    assert.equal(crowd.busy.length, THREADS);
    crowd.answer(MANY, slowerTogether);
    crowd.answer(MANY, slowerTogether);
    assert.equal(crowd.busy.length, 1);
    crowd.answer(3 * MANY, fasterTogether);
    assert.equal(crowd.busy.length, THREADS, 'also when that changes');
  });

  test('run on all of them when the operator says how many are sent ahead', (t) => {
    const crowd = new Crowd(t, { clients: CLIENTS, threads: THREADS });
    crowd.answer(MANY, slowerTogether);
    crowd.dispatcher.follow({ ...PLAN, prefetch: 1 });
    crowd.answer(1, slowerTogether);
    assert.equal(crowd.busy.length, THREADS);
  });

  test('need no thread of another gateway while they run on one of theirs', (t) => {
    const crowd = new Crowd(t, { clients: 20 * THREADS, threads: THREADS });
    crowd.answer(MANY, slowerTogether);
    crowd.now += 1000;
    assert.equal(crowd.dispatcher.shortageAt(crowd.now), undefined);
    crowd.pass(LONG_MS);
    assert.deepEqual(crowd.dispatcher.shortageAt(crowd.now), { isBare: false }, 'now that all are busy');
  });
});

describe('when the time is up', () => {
  test('the client gets a 504, the worker hears of it, and the slot stays taken until it answers', async (t) => {
    const gateway = await RunningGateway.start(t, { harakiriMs: 60 });
    const slot = gateway.slot({ worker: 3, pid: 33 });
    const [late, next] = [await gateway.client(), await gateway.client()];
    late.send('/late');
    const { id } = await slot.next();
    const response = await late.response();
    assert.deepEqual([response.status, response.text], [504, '504 Gateway Timeout\n']);
    assert.deepEqual(gateway.lines, ['[gateway] 127.0.0.1 "GET /late" 504: worker 3 (pid 33) took longer than 0.06 s']);
    assert.equal(await cancelledBy(slot), id);
    next.send('/next');
    await eventually('it waits', () => gateway.hasWaiting(1));
    slot.respond(id, { body: 'too late' });
    await slot.serve('in time');
    assert.equal((await next.response()).text, 'in time');
  });

  test('a request behind the late one goes to another worker when the late one is killed', async (t) => {
    const gateway = await RunningGateway.start(t, { harakiriMs: 60, prefetch: 2 });
    const slot = gateway.slot();
    const [late, next] = [await gateway.client(), await gateway.client()];
    late.send('/late');
    const { id } = await slot.next();
    gateway.begin(slot, id);
    next.send('/next');
    await slot.next();
    assert.equal((await late.response()).status, 504);
    assert.equal(await cancelledBy(slot), id);
    slot.die();
    await gateway.slot({ pid: 13 }).serve('in time');
    assert.equal((await next.response()).text, 'in time');
  });

  test('a request in the queue may wait longer', async (t) => {
    const gateway = await RunningGateway.start(t, { harakiriMs: 60 });
    const slot = gateway.slot();
    const [late, next] = [await gateway.client(), await gateway.client()];
    late.send('/late');
    const { id } = await slot.next();
    next.send('/next');
    assert.equal((await late.response()).status, 504);
    assert.equal(await cancelledBy(slot), id);
    slot.respond(id);
    await slot.serve('served');
    assert.equal((await next.response()).text, 'served');
  });
});

describe('with queue-timeout', () => {
  test('a request for which no slot gets free is a 503, and its connection goes on', async (t) => {
    const gateway = await RunningGateway.start(t, { queueTimeoutMs: 60 });
    const slot = gateway.slot();
    const [running, waiting] = [await gateway.client(), await gateway.client()];
    running.send('/running');
    const { id } = await slot.next();
    waiting.send('/waiting');
    const response = await waiting.response();
    assert.deepEqual([response.status, response.text], [503, '503 Service Unavailable\n']);
    assert.deepEqual([response.header('retry-after'), response.header('connection')], ['1', undefined]);
    assert.deepEqual(gateway.lines, ['[gateway] 127.0.0.1 "GET /waiting" 503: waited 0.1 s for a free worker (queue-timeout = 0.06)']);
    slot.respond(id, { body: 'long, but not late' });
    assert.equal((await running.response()).text, 'long, but not late');
    waiting.send('/again');
    await slot.serve('again');
    assert.equal((await waiting.response()).text, 'again');
  });

  test('a request whose body is not all here is a 503, and its connection ends', async (t) => {
    const gateway = await RunningGateway.start(t, { ...UNBUFFERED, queueTimeoutMs: 60 });
    const client = await gateway.client();
    client.sendRaw('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n', 'POST');
    client.stream.write(Buffer.alloc(100_000));
    const response = await client.response();
    assert.deepEqual([response.status, response.header('connection')], [503, 'close']);
    assert.equal((await client.stream.readToEnd()).length, 0);
  });

  test('a request that comes back from a dead worker counts from its arrival', async (t) => {
    const gateway = await RunningGateway.start(t, { queueTimeoutMs: 150 });
    const dying = gateway.slot();
    const [client, other] = [await gateway.client(), await gateway.client()];
    client.send('/back');
    await dying.next();
    // While a worker has it, it does not wait for one.
    for (let nth = 0; nth < 3; nth++) assert.equal((await other.request('/later')).status, 503);
    dying.die();
    assert.equal((await client.response()).status, 503);
    const [, waited] = /"GET \/back" 503: waited (\S+) s for a free worker/.exec(gateway.lines[3] ?? '') ?? [];
    // Rounded; three times as long as one that comes now may wait.
    assert.ok(Number(waited) >= 0.4, gateway.lines[3]);
  });
});

describe('with http-harakiri', () => {
  test('a request that takes longer in all is a 504, and what its worker says then goes nowhere', async (t) => {
    const gateway = await RunningGateway.start(t, { httpHarakiriMs: 60 });
    const slot = gateway.slot({ worker: 3, pid: 33 });
    const client = await gateway.client();
    client.send('/late');
    const { id } = await slot.next();
    assert.equal((await client.response()).status, 504);
    assert.deepEqual(gateway.lines, [
      '[gateway] 127.0.0.1 "GET /late" 504: worker 3 (pid 33) has not answered 0.1 s after it came (http-harakiri = 0.06)',
    ]);
    assert.equal(await cancelledBy(slot), id);
    slot.respond(id, { body: 'too late' });
    client.send('/next');
    await slot.serve('in time');
    assert.equal((await client.response()).text, 'in time');
  });

  test('one that was sent ahead and waits behind another ends in time, too', async (t) => {
    const gateway = await RunningGateway.start(t, { httpHarakiriMs: 60, prefetch: 2 });
    const slot = gateway.slot();
    const [running, behind] = [await gateway.client(), await gateway.client()];
    running.send('/running');
    behind.send('/behind');
    await slot.next();
    await slot.next();
    assert.deepEqual([(await running.response()).status, (await behind.response()).status], [504, 504]);
  });

  test('one that waits ends in time, too', async (t) => {
    const gateway = await RunningGateway.start(t, { httpHarakiriMs: 60 });
    const client = await gateway.client();
    client.send('/waiting');
    const response = await client.response();
    assert.deepEqual([response.status, response.header('retry-after')], [504, undefined]);
  });

  test('a response that had begun is cut', async (t) => {
    const gateway = await RunningGateway.start(t, { httpHarakiriMs: 60 });
    const slot = gateway.slot();
    const client = await gateway.client();
    client.send('/');
    const { id } = await slot.next();
    slot.respond(id, { flags: 0, body: 'begin' });
    await assert.rejects(client.response(), { name: 'ConnectionLost' });
    assert.equal(await cancelledBy(slot), id);
  });
});

test('the age of the oldest that waits is told again each second, and so is the end of the queue', async (t) => {
  const gateway = await RunningGateway.start(t);
  const client = await gateway.client();
  client.send('/');
  const told = () => gateway.reports.flatMap((report) => (report.type === 'queues' ? report.queues : []));
  await eventually('it is told twice', () => told().length === 2);
  const [first, second] = told();
  assert.deepEqual([first?.length, second?.length], [1, 1]);
  assert.ok((second?.ageMs ?? 0) - (first?.ageMs ?? 0) >= 1000, JSON.stringify(told()));
  await gateway.slot().serve('');
  await client.response();
  await eventually('the end is told', () => told().at(-1)?.length === 0);
  assert.equal(told().at(-1)?.ageMs, 0);
});

describe('a slot that is retired', () => {
  test('answers what it has, gets nothing more, and is closed', async (t) => {
    const gateway = await RunningGateway.start(t);
    const old = gateway.slot({ seat: 0, pid: 12 });
    const client = await gateway.client();
    client.send('/old');
    const { id } = await old.next();
    gateway.gateway.handle({ type: 'retire', site: '', seat: 0, pid: 12 });
    const successor = gateway.slot({ seat: 1, pid: 13 });
    const other = await gateway.client();
    other.send('/new');
    await successor.serve('new');
    assert.equal((await other.response()).text, 'new');
    old.respond(id, { body: 'old' });
    assert.equal((await client.response()).text, 'old');
    await old.ended;
  });

  test('is closed at once when it comes back', async (t) => {
    const gateway = await RunningGateway.start(t);
    const old = gateway.slot({ seat: 0, pid: 12 });
    await eventuallyServes(gateway, old);
    gateway.gateway.handle({ type: 'retire', site: '', seat: 0, pid: 12 });
    await old.ended;
    await gateway.slot({ seat: 0, pid: 12 }).ended;
  });

  test('is closed when it comes after the word that it is retired, as to a gateway that was started again', async (t) => {
    const gateway = await RunningGateway.start(t);
    gateway.gateway.handle({ type: 'retire', site: '', seat: 0, pid: 12 });
    await gateway.slot({ seat: 0, pid: 12 }).ended;
  });

  test('leaves its seat to a new worker', async (t) => {
    const gateway = await RunningGateway.start(t);
    const old = gateway.slot({ seat: 0, pid: 12 });
    await eventuallyServes(gateway, old);
    gateway.gateway.handle({ type: 'retire', site: '', seat: 0, pid: 12 });
    await old.ended;
    await eventuallyServes(gateway, gateway.slot({ seat: 0, pid: 13 }));
  });
});

test('a slot that breaks the rules of the wire is dropped, and its request gets a 502', async (t) => {
  const gateway = await RunningGateway.start(t);
  const slot = gateway.slot();
  const client = await gateway.client();
  client.send('/');
  const { id } = await slot.next();
  gateway.begin(slot, id);
  slot.respond(id + 1);
  assert.equal((await client.response()).status, 502);
  await slot.ended;
});

/** The slot is known to the gateway once it has served something. */
async function eventuallyServes(gateway: RunningGateway, slot: ReturnType<RunningGateway['slot']>): Promise<void> {
  const client = await gateway.client();
  client.send('/');
  await slot.serve('');
  await client.response();
}

/** The number of the request that the gateway gives up next. */
async function cancelledBy(slot: FakeSlot): Promise<number> {
  const { kind, id } = await slot.next();
  assert.equal(kind, KIND.cancel);
  return id;
}
