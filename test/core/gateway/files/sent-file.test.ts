import assert from 'node:assert/strict';
import { mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openSentFile, sendFile } from '../../../../src/core/gateway/files/sent-file.ts';
import type { SentFile } from '../../../../src/core/wire/messages.ts';
import type { Scope } from '../../../helpers/scope.ts';
import { tempDir } from '../../../helpers/temp.ts';
import { fakeExchange } from '../fake-exchange.ts';

const TEXT = '0123456789';

function offer(t: Scope, more: Partial<SentFile> = {}): SentFile {
  const path = join(tempDir(t, { 'file.bin': TEXT }), 'file.bin');
  const { dev, ino } = statSync(path, { bigint: true });
  return { path: Buffer.from(path), device: dev, inode: ino, position: 2, size: 5, ...more };
}

test('the file that an application has is opened', async (t) => {
  const handle = await openSentFile(offer(t));
  assert.equal((await handle?.readFile())?.toString(), TEXT);
  await handle?.close();
});

describe('another file is not', () => {
  for (const { what, more } of [
    { what: 'by its number', more: { inode: 1n } },
    { what: 'by its device', more: { device: 1n } },
    { what: 'that is shorter by now', more: { size: 9 } },
    { what: 'that is gone', more: { path: Buffer.from('/nothing/at/all') } },
    { what: 'without a name', more: { path: Buffer.from('/srv/file (deleted)') } },
    { what: 'of a name that is none', more: { path: Buffer.from('/srv/\0') } },
  ]) {
    test(what, async (t) => assert.equal(await openSentFile(offer(t, more)), undefined));
  }

  test('that is a folder', async (t) => {
    const path = join(tempDir(t), 'folder');
    mkdirSync(path);
    const { dev, ino } = statSync(path, { bigint: true });
    assert.equal(await openSentFile(offer(t, { path: Buffer.from(path), device: dev, inode: ino, position: 0, size: 0 })), undefined);
  });
});

async function begun(t: Scope, length: number) {
  const { exchange, written, lines } = fakeExchange();
  const head = `200 OK\r\nContent-Length: ${length}\r\n`;
  const bytes = Buffer.from(head);
  const place = { bytes, headStart: 0, bodyStart: bytes.length, bodyEnd: bytes.length };
  exchange.respond({ status: 200, contentLength: length, ...place, isEnd: false, isAborted: false });
  const file = offer(t);
  return { exchange, written, lines, file, handle: await open(file.path) };
}

test('what was offered of it is sent, and the file is closed', async (t) => {
  const { exchange, written, file, handle } = await begun(t, 5);
  await sendFile(exchange, handle, file);
  assert.ok(written.join('').endsWith('\r\n\r\n23456'));
  assert.equal(exchange.state, 'ended');
  assert.equal(handle.fd, -1);
});

test('a file that became shorter ends the response, the log says so, and it is closed', async (t) => {
  const { exchange, lines, file, handle } = await begun(t, 5);
  truncateSync(file.path, 3);
  await sendFile(exchange, handle, file);
  assert.equal(exchange.state, 'ended');
  assert.match(lines.join(), /500: \S+file\.bin: became shorter while it was sent/);
  assert.equal(handle.fd, -1);
});

test('a client that has left takes nothing, and the file is closed', async (t) => {
  const { exchange, written, file, handle } = await begun(t, 5);
  exchange.state = 'ended';
  writeFileSync(file.path, TEXT);
  await sendFile(exchange, handle, file);
  assert.ok(written.join('').endsWith('\r\n\r\n'));
  assert.equal(handle.fd, -1);
});
