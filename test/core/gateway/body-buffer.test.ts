import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BodyBuffer } from '../../../src/core/gateway/body-buffer.ts';
import type { ProtocolError } from '../../../src/core/errors/protocol.ts';
import { SharedBodies } from '../../../src/core/gateway/shared-bodies.ts';
import { eventually } from '../../helpers/eventually.ts';
import { onEnd } from '../../helpers/scope.ts';
import { memoryDir } from '../../helpers/temp.ts';
import { fakeStore } from './fake-store.ts';

const MEGABYTE = 1024 * 1024;

describe('the body of a request', () => {
  test('that is small stays in memory', () => {
    const { body, heard, store } = buffer();
    body.push(Buffer.from('hel'));
    body.push(Buffer.from('lo'));
    assert.deepEqual(heard, []);
    body.end();
    assert.deepEqual(heard, ['collected']);
    assert.equal(String(Buffer.concat(body.pieces ?? [])), 'hello');
    assert.deepEqual([body.size, store.files], [5, 0]);
  });

  test('that grows beyond what one may have goes to a file, all of it', async () => {
    const { body, heard, store } = buffer();
    const sent = Buffer.from(Array.from({ length: 3000 }, (_, at) => at));
    body.push(sent.subarray(0, 1000));
    body.push(sent.subarray(1000));
    body.end();
    assert.equal(body.pieces, undefined);
    assert.equal(store.files, 1);
    await eventually('it is collected', () => heard.includes('collected'));
    const found = await new Promise<Buffer>((resolve) => body.read(0, 5000, resolve));
    assert.ok(found.equals(sent));
    body.release();
    body.release();
    assert.equal(store.files, 0);
  });

  test('asks its client to wait while the disk is behind', async () => {
    const { body, heard } = buffer();
    body.push(Buffer.alloc(MEGABYTE));
    assert.ok(body.isFull);
    await eventually('the disk has caught up', () => heard.includes('relieved'));
    assert.ok(!body.isFull);
    body.release();
  });

  test('has no file beyond what all together may have, and a 503 says so', () => {
    const store = fakeStore({ bodyMemory: 10 }, 4).store;
    const [first, second] = [buffer(store).body, buffer(store).body];
    first.push(Buffer.alloc(11));
    assert.throws(() => second.push(Buffer.alloc(11)), { status: 503 });
    first.release();
    second.release();
    const { body } = buffer(store);
    body.push(Buffer.alloc(11));
    assert.equal(store.files, 1);
    body.release();
  });

  test('goes to a file at once where all together have what memory they may', () => {
    const store = fakeStore({ bodyMemory: 40 * MEGABYTE }).store;
    const [first, second] = [buffer(store).body, buffer(store).body];
    first.push(Buffer.alloc(40 * MEGABYTE));
    second.push(Buffer.alloc(30 * MEGABYTE));
    assert.deepEqual([first.pieces?.length, second.pieces, store.files], [1, undefined, 1]);
    first.release();
    second.release();
    const third = buffer(store).body;
    third.push(Buffer.alloc(40 * MEGABYTE));
    assert.equal(third.pieces?.length, 1, 'memory was given back');
    third.release();
  });

  test('of a known length is where its worker can read it, and counts as memory', (t) => {
    const shared = new SharedBodies(memoryDir(t), 1);
    onEnd(t, () => shared.close());
    const { store } = fakeStore({ bodyMemory: MEGABYTE }, 100, shared);
    for (const length of [0, 100_000, 2 * MEGABYTE]) {
      const { body } = buffer(store, length);
      assert.equal(body.shared, undefined, `${length} bytes`);
      body.release();
    }
    const { body, heard } = buffer(store, 200_000);
    body.push(Buffer.alloc(150_000, 'a'), false);
    body.push(Buffer.alloc(50_000, 'b'), false);
    body.end();
    assert.deepEqual([heard, body.pieces?.length], [['collected'], 0]);
    assert.ok(body.shared?.read(200_000).equals(Buffer.concat([Buffer.alloc(150_000, 'a'), Buffer.alloc(50_000, 'b')])));
    const { shared: memory } = body;
    body.release();
    assert.equal(buffer(store, 200_000).body.shared, memory);
  });

  test('goes on in memory or in a file where there is no room for it to be shared', async () => {
    for (const bodyMemory of [MEGABYTE, 180_000]) {
      const { store } = fakeStore({ bodyMemory });
      let isGiven = false;
      const written: Buffer[] = [];
      Object.assign(store, {
        share: () => ({
          write(bytes: Buffer) {
            if (written.length > 0) throw new Error('ENOSPC');
            written.push(bytes);
          },
          read: (size: number) => Buffer.concat(written).subarray(0, size),
          letGo: () => (isGiven = true),
        }),
      });
      const { body, heard } = buffer(store, 200_000);
      const lent = Buffer.alloc(100_000, 'a');
      body.push(lent, false);
      lent.fill('b');
      written[0] = Buffer.alloc(100_000, 'a');
      body.push(lent, false);
      lent.fill('c');
      body.end();
      assert.deepEqual([body.size, body.shared, isGiven], [200_000, undefined, true]);
      await eventually('it is collected', () => heard.includes('collected'));
      const found = body.pieces ? Buffer.concat(body.pieces) : await new Promise<Buffer>((resolve) => body.read(0, 300_000, resolve));
      assert.ok(found.equals(Buffer.concat([Buffer.alloc(100_000, 'a'), Buffer.alloc(100_000, 'b')])), String(bodyMemory));
      body.release();
    }
  });

  test('that cannot be kept is told of, with a remedy', async () => {
    const { body, errors } = buffer(fakeStore({ bodyMemory: 1, bodyDirectory: '/nowhere' }).store);
    body.push(Buffer.from('ab'));
    const error = await eventually('it failed', () => errors[0]);
    assert.equal(error.status, 500);
    assert.match(error.message, /its body cannot be kept in \/nowhere \(ENOENT.*http-post-buffering-dir$/);
    body.release();
  });
});

function buffer(store = fakeStore().store, length = 0) {
  const heard: string[] = [];
  const errors: ProtocolError[] = [];
  const owner = {
    collected: () => void heard.push('collected'),
    relieved: () => void heard.push('relieved'),
    failed: (error: ProtocolError) => void errors.push(error),
  };
  const body = new BodyBuffer(store, owner, length);
  return { body, heard, errors, store };
}
