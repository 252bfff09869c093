import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { buildFrame } from '../../../src/core/wire/frames.ts';
import { KIND, REQUEST_FLAG, RESPONSE_FLAG } from '../../../src/core/wire/messages.ts';
import { Slot, type SlotEvents, type SlotRequest } from '../../../src/core/workers/slot.ts';
import { eventually, within } from '../../helpers/eventually.ts';
import { onEnd, type Scope } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';

const NAME = { site: '', generation: 1, seat: 2, worker: 3, core: 0, pid: 12 };

test('requests of one turn of the event loop leave in one write, under ids of their own', async (t) => {
  const { slot, worker } = await openSlot(t);
  const [first, second] = [request(), request()];
  slot.send(first);
  slot.send(second);
  assert.equal(slot.used, 2);
  assert.equal(slot.oldest, first);
  const [chunk] = (await within(5000, 'the frames', once(worker, 'data'))) as [Buffer];
  assert.ok(chunk.equals(Buffer.concat([first.frame, second.frame])));
  assert.notEqual(first.id, second.id);
});

test('a slot whose request is not complete takes no other', async (t) => {
  const { slot } = await openSlot(t);
  const one = request(0);
  slot.send(one);
  assert.ok(!slot.isOpen);
  slot.sendBody(one, [Buffer.from('all')], true);
  assert.ok(slot.isOpen);
});

test('what is collected of a body goes as one frame', async (t) => {
  const { slot, worker } = await openSlot(t);
  const one = request(0);
  slot.send(one);
  slot.sendBody(one, [Buffer.from('one '), Buffer.from('two')], true);
  const [chunk] = (await within(5000, 'the frames', once(worker, 'data'))) as [Buffer];
  const body = buildFrame({ id: one.id, kind: KIND.requestBody, flags: REQUEST_FLAG.complete, extra: 0 }, Buffer.from('one two'));
  assert.deepEqual(chunk.subarray(one.frame.length), body);
});

test('what comes together of a response is given together, also a part of a frame', async (t) => {
  const { slot, worker } = await openSlot(t);
  const given: (readonly string[])[] = [];
  const one: SlotRequest = {
    ...request(),
    respondMore: (pieces) => {
      given.push(pieces.map(String));
      return 'is done';
    },
    respondEnd: () => void given.push(['end']),
  };
  slot.send(one);
  await within(5000, 'the request', once(worker, 'data'));
  const body = (text: string) => buildFrame({ id: one.id, kind: KIND.responseBody, flags: 0, extra: 0 }, Buffer.from(text));
  worker.write(Buffer.concat([body('one'), body('two'), body('three').subarray(0, -2)]));
  await eventually('the first half came', () => given.length > 0);
  const end = buildFrame({ id: one.id, kind: KIND.end, flags: 0, extra: 0 }, Buffer.alloc(4));
  worker.write(Buffer.concat([Buffer.from('ee'), body('four'), end]));
  await eventually('the end came', () => given.at(-1)?.[0] === 'end');
  assert.deepEqual(given, [['one', 'two', 'thr'], ['ee', 'four'], ['end']]);
});

test('large responses are read into the same memory, unless somebody still needs what is in it', async (t) => {
  const { slot, worker } = await openSlot(t);
  const given: Buffer[] = [];
  let answer: 'keeps' | 'is done' = 'is done';
  const one: SlotRequest = {
    ...request(),
    respondMore(pieces) {
      given.push(...pieces);
      return answer;
    },
  };
  slot.send(one);
  await within(5000, 'the request', once(worker, 'data'));
  const next = async (text: string) => {
    const count = given.length;
    worker.write(buildFrame({ id: one.id, kind: KIND.responseBody, flags: 0, extra: 0 }, Buffer.from(text)));
    return eventually(text, () => given[count]);
  };
  await next('before');
  const [first, second] = [await next('first'), await next('second')];
  assert.equal(first.buffer, second.buffer);
  answer = 'keeps';
  const kept = await next('kept');
  answer = 'is done';
  const [third, fourth] = [await next('third'), await next('fourth')];
  assert.equal(String(kept), 'kept');
  assert.notEqual(third.buffer, kept.buffer);
  assert.equal(fourth.buffer, third.buffer);
});

test('whoever has a request hears whether its worker is done with it', async (t) => {
  const { slot, worker } = await openSlot(t);
  const heard: string[] = [];
  const requests = ['one', 'two'].map((name): SlotRequest => ({ ...request(), left: (how) => void heard.push(`${name} ${how}`) }));
  for (const one of requests) slot.send(one);
  await within(5000, 'the requests', once(worker, 'data'));
  const end = (flags: number) => buildFrame({ id: requests[0]?.id ?? 0, kind: KIND.end, flags, extra: 0 }, Buffer.alloc(4));
  worker.write(Buffer.concat([end(RESPONSE_FLAG.parted), end(0)]));
  await eventually('the first is over', () => heard.length > 0);
  assert.deepEqual(heard, ['one done']);
  worker.destroy();
  await eventually('the second is over', () => heard.length > 1);
  assert.equal(heard[1], 'two unknown');
});

test('requests that a worker gives back are not in its slot any more, whichever they are', async (t) => {
  const clock = { now: 0 };
  const returned: (readonly SlotRequest[])[] = [];
  const { slot, worker } = await openSlot(t, { returned: (_, requests) => void returned.push(requests) }, clock);
  const heard: string[] = [];
  const [first, second, third, fourth] = ['first', 'second', 'third', 'fourth'].map((name): SlotRequest => ({
    ...request(),
    left: (how) => void heard.push(`${name} ${how}`),
    respondEnd: () => void heard.push(`${name} is answered`),
  })) as [SlotRequest, SlotRequest, SlotRequest, SlotRequest];
  for (const one of [first, second, third, fourth]) slot.send(one);
  await within(5000, 'the requests', once(worker, 'data'));
  const give = (...requests: readonly SlotRequest[]) => {
    const ids = Buffer.alloc(4 * (requests.length + 1));
    for (const [at, { id }] of requests.entries()) ids.writeUInt32LE(id, 4 * at);
    worker.write(buildFrame({ id: 0, kind: KIND.returned, flags: 0, extra: 0 }, ids));
  };
  const end = ({ id }: SlotRequest) => worker.write(buildFrame({ id, kind: KIND.end, flags: 0, extra: 0 }, Buffer.alloc(4)));

  clock.now = 1;
  give(fourth, second);
  await eventually('two are back', () => returned.length === 1);
  assert.deepEqual(returned[0], [second, fourth]);
  assert.deepEqual([[...slot.requests], slot.oldestSince], [[first, third], 0]);
  clock.now = 2;
  give(first);
  await eventually('the oldest is back', () => returned.length === 2);
  assert.deepEqual([[...slot.requests], slot.oldestSince], [[third], 2]);
  end(third);
  await eventually('the other is answered', () => slot.used === 0);
  assert.deepEqual(heard, ['second done', 'fourth done', 'first done', 'third is answered', 'third done']);
});

test('a slot that is to go closes when it has given back what it had', async (t) => {
  const { slot, worker } = await openSlot(t);
  const one = request();
  slot.send(one);
  slot.retire();
  await within(5000, 'the request', once(worker, 'data'));
  const id = Buffer.alloc(4);
  id.writeUInt32LE(one.id);
  worker.write(buildFrame({ id: 0, kind: KIND.returned, flags: 0, extra: 0 }, id));
  await within(5000, 'the end', once(worker, 'end'));
});

test('a slot is named as in the logs', async (t) => {
  const { slot } = await openSlot(t);
  assert.equal(slot.label, 'worker 3 (pid 12)');
});

for (const { what, takeFile, flags } of [
  { what: 'that is taken', takeFile: () => Promise.resolve(true), flags: 1 },
  { what: 'that is not taken', takeFile: () => Promise.resolve(false), flags: 0 },
  { what: 'that cannot be looked at', takeFile: () => Promise.reject(new Error('no')), flags: 0 },
]) {
  test(`a worker hears of a file ${what}`, async (t) => {
    const { slot, worker } = await openSlot(t);
    const one = { ...request(), takeFile };
    slot.send(one);
    await within(5000, 'the request', once(worker, 'data'));
    worker.write(buildFrame({ id: one.id, kind: KIND.file, flags: 0, extra: 0 }, Buffer.alloc(32), Buffer.from('/srv/file')));
    const [chunk] = (await within(5000, 'the verdict', once(worker, 'data'))) as [Buffer];
    assert.deepEqual(chunk, buildFrame({ id: one.id, kind: KIND.verdict, flags, extra: 0 }));
  });
}

test('a slot whose file was taken is free, and its response is not over', async (t) => {
  let isFree = false;
  const { slot, worker } = await openSlot(t, {
    freed: () => {
      isFree = true;
    },
  });
  slot.send({ ...request(), respondEnd: () => assert.fail('the response is over') });
  await within(5000, 'the request', once(worker, 'data'));
  const { id = 0 } = slot.oldest ?? {};
  worker.write(buildFrame({ id, kind: KIND.end, flags: RESPONSE_FLAG.given, extra: 0 }, Buffer.alloc(4)));
  await eventually('the slot is free', () => isFree);
  assert.equal(slot.used, 0);
});

test('a slot that another gateway needs takes no more, answers what it has, and is told where to go', async (t) => {
  const { slot, worker } = await openSlot(t);
  const one = request();
  slot.send(one);
  slot.move(2);
  slot.move(3);
  assert.ok(!slot.isOpen);
  const [chunk] = (await within(5000, 'the frames', once(worker, 'data'))) as [Buffer];
  assert.deepEqual(chunk, Buffer.concat([one.frame, buildFrame({ id: 0, kind: KIND.move, flags: 0, extra: 2 })]));
  worker.write(buildFrame({ id: one.id, kind: KIND.end, flags: 0, extra: 0 }, Buffer.alloc(4)));
  await within(5000, 'the end', once(worker, 'end'));
});

function request(flags: number = REQUEST_FLAG.complete): SlotRequest {
  const frame = buildFrame({ id: 0, kind: KIND.request, flags, extra: 0 }, Buffer.alloc(8));
  const nothing = () => undefined;
  return {
    id: 0,
    frame,
    respond: nothing,
    inform: nothing,
    respondMore: () => 'is done',
    respondEnd: nothing,
    drained: nothing,
    left: nothing,
    takeFile: () => Promise.resolve(false),
  };
}

/** A slot that has said its name, and the worker's end of its connection. */
async function openSlot(t: Scope, events: Partial<SlotEvents> = {}, clock = { now: 0 }): Promise<{ slot: Slot; worker: Socket }> {
  const path = join(tempDir(t), 'gateway.sock');
  const server = createServer();
  await once(server.listen(path), 'listening');
  const worker = connect(path);
  onEnd(t, () => {
    worker.destroy();
    server.close();
  });
  const [socket] = (await once(server, 'connection')) as [Socket];
  const slot = await new Promise<Slot>((resolve) => {
    const nothing = () => undefined;
    new Slot(socket, () => ({ opened: resolve, freed: nothing, closed: nothing, returned: nothing, ...events }), clock);
    worker.write(buildFrame({ id: 0, kind: KIND.hello, flags: 0, extra: 0 }, Buffer.from(JSON.stringify(NAME))));
  });
  await within(5000, 'the welcome', once(worker, 'data'));
  return { slot, worker };
}
