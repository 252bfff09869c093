import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { FileSender, FileShrunk } from '../../../../src/core/gateway/files/file-sender.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { tempDir } from '../../../helpers/temp.ts';
import { fakeExchange } from '../fake-exchange.ts';

const SIZE = 400_000;
const BYTES = Buffer.alloc(SIZE, 'abcdefghijklmnopqrstuvwxyz');

async function openFile(t: TestContext): Promise<{ handle: FileHandle; path: string }> {
  const path = join(tempDir(t), 'file');
  writeFileSync(path, BYTES);
  const handle = await open(path);
  t.after(() => handle.close());
  return { handle, path };
}

const whole = { status: 200, head: `200 OK\r\nContent-Length: ${SIZE}\r\n`, contentLength: SIZE, after: '' };
const bodyOf = (written: readonly string[]) => written.join('').replace(/^[^]*?\r\n\r\n/, '');

test('sends what is in the file, and no more of it at once than is good', async (t) => {
  const { handle } = await openFile(t);
  const { exchange, written } = fakeExchange();
  await new FileSender(exchange, handle).respond({ ...whole, parts: [{ before: '', from: 0, to: SIZE }] });
  assert.equal(exchange.state, 'ended');
  assert.equal(bodyOf(written), BYTES.toString());
  assert.ok(written.every(({ length }) => length <= 128 * 1024 + 300));
});

test('puts the parts of a body together with what stands between them', async (t) => {
  const { handle } = await openFile(t);
  const { exchange, written } = fakeExchange();
  const parts = [
    { before: '<one>', from: 1, to: 3 },
    { before: '<two>', from: 100, to: 200_000 },
  ];
  const expected = `<one>bc<two>${BYTES.subarray(100, 200_000).toString()}<end>`;
  await new FileSender(exchange, handle).respond({ ...whole, contentLength: expected.length, parts, after: '<end>' });
  assert.equal(bodyOf(written), expected);
  assert.equal(exchange.state, 'ended');
});

test('waits while the client does not read', async (t) => {
  const { handle } = await openFile(t);
  const { exchange, written } = fakeExchange();
  const sender = new FileSender(exchange, handle);
  sender.pause();
  const sending = sender.respond({ ...whole, parts: [{ before: '', from: 0, to: SIZE }] });
  await eventually('the first two pieces', () => written.length === 2);
  for (let round = 0; round < 50; round++) await turn();
  assert.equal(written.length, 2, 'the head with a piece, and the piece with which it was stopped');
  sender.resume();
  await sending;
  assert.equal(bodyOf(written), BYTES.toString());
});

test('ends with its client', async (t) => {
  const { handle } = await openFile(t);
  const { exchange, written } = fakeExchange();
  const sender = new FileSender(exchange, handle);
  sender.pause();
  const sending = sender.respond({ ...whole, parts: [{ before: '', from: 0, to: SIZE }] });
  await eventually('the first two pieces', () => written.length === 2);
  exchange.state = 'ended';
  sender.resume();
  await sending;
  assert.equal(written.length, 2);
});

test('says so when the file becomes shorter', async (t) => {
  const { handle, path } = await openFile(t);
  const { exchange } = fakeExchange();
  truncateSync(path, 200_000);
  const sender = new FileSender(exchange, handle);
  await assert.rejects(sender.respond({ ...whole, parts: [{ before: '', from: 0, to: SIZE }] }), FileShrunk);
  assert.equal(exchange.state, 'answering', 'how the response ends is for others to say');
  assert.equal(sender.sent, 200_000);
});

test('uses memory again, and none that is still on its way', async (t) => {
  const { handle } = await openFile(t);
  const { exchange } = fakeExchange();
  const sender = new FileSender(exchange, handle);
  const memories = new Set<ArrayBufferLike>();
  const inUse = new Set<ArrayBufferLike>();
  t.mock.method(exchange, 'respondMore', ([bytes = Buffer.alloc(0)]: readonly Buffer[]) => {
    assert.ok(!inUse.has(bytes.buffer), 'it was given back');
    memories.add(bytes.buffer);
    inUse.add(bytes.buffer);
    const giveBack = sender.lend();
    setImmediate(() => {
      inUse.delete(bytes.buffer);
      giveBack?.();
    });
  });
  const parts = Array.from({ length: 12 }, () => ({ before: '', from: 0, to: 131_072 }));
  await sender.respond({ ...whole, contentLength: 12 * 131_072, parts });
  assert.ok(memories.size <= 4, `${memories.size} pieces of memory`);
});
