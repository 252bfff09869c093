import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { buildFrame } from '../../../src/core/wire/frames.ts';
import { KIND, REQUEST_FLAG } from '../../../src/core/wire/messages.ts';
import { Slot, type SlotRequest } from '../../../src/core/workers/slot.ts';
import { within } from '../../helpers/eventually.ts';
import { onEnd, type Scope } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';

const NAME = { generation: 1, seat: 2, worker: 3, core: 0, pid: 12 };

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
  slot.sendBody(one, Buffer.from('all'), true);
  assert.ok(slot.isOpen);
});

test('a slot is named as in the logs', async (t) => {
  const { slot } = await openSlot(t);
  assert.equal(slot.label, 'worker 3 (pid 12)');
});

function request(flags: number = REQUEST_FLAG.complete): SlotRequest {
  const frame = buildFrame({ id: 0, kind: KIND.request, flags, extra: 0 }, Buffer.alloc(8));
  const nothing = () => undefined;
  return { id: 0, frame, respond: nothing, inform: nothing, respondMore: nothing, respondEnd: nothing, drained: nothing };
}

/** A slot that has said its name, and the worker's end of its connection. */
async function openSlot(t: Scope): Promise<{ slot: Slot; worker: Socket }> {
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
    new Slot(socket, { opened: resolve, freed: () => undefined, closed: () => undefined }, { now: 0 });
    worker.write(buildFrame({ id: 0, kind: KIND.hello, flags: 0, extra: 0 }, Buffer.from(JSON.stringify(NAME))));
  });
  return { slot, worker };
}
