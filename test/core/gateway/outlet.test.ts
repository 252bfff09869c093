import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import test from 'node:test';
import { Outlet } from '../../../src/core/gateway/outlet.ts';
import { within } from '../../helpers/eventually.ts';

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
