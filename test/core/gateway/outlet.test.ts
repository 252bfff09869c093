import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, test } from 'node:test';
import { Outlet } from '../../../src/core/gateway/outlet.ts';
import { connectionPair } from '../../helpers/connection-pair.ts';
import { eventually, within } from '../../helpers/eventually.ts';

const PIECE = Buffer.alloc(64 * 1024);
const SECOND = 1000;

test('several pieces leave together', () => {
  const way = new Way('at once');
  const outlet = new Outlet(way, { timeoutMs: () => SECOND });
  outlet.writeAll([PIECE, PIECE, PIECE], undefined);
  outlet.write(PIECE, undefined);
  outlet.writeAll([], undefined);
  assert.deepEqual(way.writes, [3, 1]);
});

test('a client that takes what it is given has no deadline, and nobody waits for it', async () => {
  const way = new Way('at once');
  const source = new Waiting();
  const outlet = new Outlet(way, { timeoutMs: () => SECOND, ahead: 0 });
  outlet.writeAll([PIECE, PIECE], source);
  outlet.write(PIECE, source);
  await within(5000, 'the stream', once(way, 'drain'));
  assert.deepEqual({ told: source.told, timeouts: way.timeouts }, { told: [], timeouts: [] });
});

test('whoever brings more than may be ahead of a client waits until it has all of it', async () => {
  const way = new Way('later');
  const source = new Waiting();
  const outlet = new Outlet(way, { timeoutMs: () => SECOND, ahead: PIECE.length });
  outlet.write(PIECE, source);
  assert.deepEqual(source.told, []);
  outlet.writeAll([PIECE, PIECE], source);
  assert.deepEqual({ told: source.told, timeouts: way.timeouts }, { told: ['pause'], timeouts: [SECOND] });
  const drained = once(way, 'drain');
  way.takeAll();
  await within(5000, 'the stream', drained);
  assert.deepEqual({ told: source.told, timeouts: way.timeouts }, { told: ['pause', 'resume'], timeouts: [SECOND, 0] });
});

describe('memory for a response', () => {
  const plain = (way: Way | Socket) => new Outlet(way, { timeoutMs: () => SECOND, isPlain: true });

  test('is the same for the next one, once the kernel has all of it', () => {
    const outlet = plain(new Way('at once'));
    const first = outlet.take(20_000);
    outlet.write(first, undefined);
    assert.equal(outlet.take(30_000).buffer, first.buffer);
    assert.equal(plain(new Way('at once')).take(10_000).buffer, first.buffer, 'that of another client, too');
  });

  test('is not where something waits for a client', () => {
    const outlet = plain(new Way('later'));
    const first = outlet.take(20_000);
    outlet.write(first, undefined);
    const another = plain(new Way('at once')).take(20_000);
    assert.notEqual(another.buffer, first.buffer);
    assert.notEqual(outlet.take(20_000).buffer, another.buffer, 'what certainly waits has its own');
  });

  test('is its own where it is small, or large, or somebody holds what is written', () => {
    const [outlet, encrypted] = [plain(new Way('at once')), new Outlet(new Way('at once'), { timeoutMs: () => SECOND })];
    const { buffer } = outlet.take(20_000);
    for (const other of [outlet.take(100), outlet.take(200_000), encrypted.take(20_000)]) assert.notEqual(other.buffer, buffer);
  });

  test('keeps what a slow client has not read, whatever others get meanwhile', async (t) => {
    const slow = await connectionPair(t);
    const quick = await connectionPair(t);
    quick.client.resume();
    const [first, second] = [plain(slow.socket), plain(quick.socket)];
    const send = (outlet: Outlet, sign: number): void => outlet.write(outlet.take(60_000).fill(sign), undefined);
    let sent = 0;
    while (!first.isBehind) {
      send(first, (sent++ % 20) + 65);
      send(second, 33);
    }
    for (let nth = 0; nth < 20; nth++) send(second, 33);
    let read = 0;
    slow.client.on('data', (bytes: Buffer) => {
      for (const sign of bytes) assert.equal(sign, (Math.floor(read++ / 60_000) % 20) + 65);
    });
    await eventually('the slow one has read all', () => read === sent * 60_000);
  });
});

class Waiting {
  readonly told: string[] = [];

  pause(): void {
    this.told.push('pause');
  }

  resume(): void {
    this.told.push('resume');
  }
}

/** A socket whose kernel takes what it is given at once, or when it is told to. */
class Way extends Duplex {
  /** Of how many pieces each write was. */
  readonly writes: number[] = [];
  readonly timeouts: number[] = [];
  readonly #takes: 'at once' | 'later';
  #waiting: (() => void) | undefined;

  constructor(takes: 'at once' | 'later') {
    super();
    this.#takes = takes;
  }

  setTimeout(milliseconds: number): void {
    this.timeouts.push(milliseconds);
  }

  /** From here on all of it. */
  takeAll(): void {
    const { length } = this.writes;
    this.#waiting?.();
    if (this.writes.length > length) this.takeAll();
  }

  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    this.#write(1, done);
  }

  override _writev(chunks: readonly unknown[], done: () => void): void {
    this.#write(chunks.length, done);
  }

  override _read(): void {
    // It says nothing.
  }

  #write(pieces: number, done: () => void): void {
    this.writes.push(pieces);
    if (this.#takes === 'at once') done();
    else this.#waiting = done;
  }
}
