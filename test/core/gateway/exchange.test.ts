import assert from 'node:assert/strict';
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Counters } from '../../../src/core/gateway/counters.ts';
import { Exchange, type Client } from '../../../src/core/gateway/exchange.ts';
import type { Source } from '../../../src/core/gateway/source.ts';
import { Response } from '../../../src/core/protocol/http/response.ts';
import { OWN_MEMORY } from '../../../src/core/protocol/response.ts';
import type { SentFile } from '../../../src/core/wire/messages.ts';
import { eventually } from '../../helpers/eventually.ts';
import type { Scope } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';
import { fakeStore } from './fake-store.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const SLOT: Source = { pause: () => undefined, resume: () => undefined };

/** A request whose worker has sent the head of a response of ten bytes. */
function begun() {
  const written: string[] = [];
  const released: (Source | undefined)[] = [];
  const client: Mutable<Client> = {
    isPersistent: true,
    counters: new Counters(),
    bodies: fakeStore().store,
    respond: (isPersistent) => new Response({ minor: 1, isHead: false, isPersistent }),
    write: (bytes) => void written.push(bytes.toString('latin1')),
    writeAll: (pieces) => void written.push(...pieces.map((bytes) => bytes.toString('latin1'))),
    memory: OWN_MEMORY,
    isBehind: false,
    inform: () => undefined,
    responded: () => undefined,
    cut: () => undefined,
    wanted: () => undefined,
    release: (source) => void released.push(source),
    unwanted: () => undefined,
    answered: () => undefined,
    replaced: () => undefined,
    log: () => undefined,
  };
  const exchange = new Exchange(client, Buffer.alloc(20));
  exchange.state = 'sent';
  exchange.source = SLOT;
  const head = Buffer.from('200 OK\r\nContent-Length: 10\r\n');
  const place = { bytes: head, headStart: 0, bodyStart: head.length, bodyEnd: head.length };
  exchange.respond({ status: 200, contentLength: 10, ...place, isEnd: false, isAborted: false });
  return { exchange, client, written, released };
}

function offer(t: Scope): SentFile {
  const path = join(tempDir(t, { file: '0123456789' }), 'file');
  const { dev, ino } = statSync(path, { bigint: true });
  return { path: Buffer.from(path), device: dev, inode: ino, position: 0, size: 10 };
}

function isOpen(file: SentFile): boolean {
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === file.path.toString();
    } catch {
      return false; // that of the look itself
    }
  });
}

test('a file that is taken is sent without the slot, which waits for this client no more', async (t) => {
  const { exchange, written, released } = begun();
  const file = offer(t);
  assert.equal(await exchange.takeFile(file), true);
  assert.deepEqual(released, [SLOT]);
  assert.ok(exchange.isTaken);
  await eventually('the response is complete', () => exchange.state === 'ended');
  assert.ok(written.join('').endsWith('\r\n\r\n0123456789'));
  await eventually('the file is closed', () => !isOpen(file));
});

test('a file is not taken for a client that left meanwhile, and is closed', async (t) => {
  const { exchange, released } = begun();
  const file = offer(t);
  const taking = exchange.takeFile(file);
  exchange.state = 'ended';
  assert.equal(await taking, false);
  assert.deepEqual([released, isOpen(file)], [[], false]);
});

test('a file that is another one stays with its worker', async (t) => {
  const { exchange } = begun();
  assert.equal(await exchange.takeFile({ ...offer(t), inode: 1n }), false);
  assert.equal(exchange.isTaken, false);
});

test('whoever watches an exchange hears of the one that takes its place, and of this one no more', () => {
  const { exchange } = begun();
  const heard: string[] = [];
  exchange.observer = {
    sent: () => void heard.push('sent'),
    failed: (reason) => void heard.push(reason),
    responding: (status) => void heard.push(String(status)),
    ended: (how) => void heard.push(how),
  };
  const other = exchange.giveWay();
  exchange.fail(502, 'its worker died');
  other.fail(503, 'no room');
  assert.deepEqual(heard, ['no room', '503', 'complete']);
});

test('more of a response is copied where its client is behind, and kept where only some of it has gone', () => {
  const { exchange, client, written } = begun();
  const piece = Buffer.from('12');
  assert.equal(exchange.respondMore([piece]), 'is done');
  const { writeAll } = client;
  client.writeAll = (pieces) => {
    writeAll(pieces);
    client.isBehind = true;
  };
  assert.equal(exchange.respondMore([piece]), 'keeps');
  const before = written.length;
  let own: readonly Buffer[] = [];
  client.writeAll = (pieces) => {
    own = pieces;
  };
  assert.equal(exchange.respondMore([piece]), 'is done');
  piece.fill('!');
  assert.deepEqual([own.map(String), written.length], [['12'], before]);
});
