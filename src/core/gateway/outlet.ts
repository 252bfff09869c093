import type { Duplex } from 'node:stream';
import type { ResponseMemory } from '../protocol/response.ts';
import { POOLED } from '../util/buffers.ts';
import { leaveWriteMemory, WRITE_MEMORY, writeMemory } from '../util/write-memory.ts';
import type { Source } from './source.ts';

/** Bytes of responses that may wait for a slow client before whoever brings them has to wait, too. */
const AHEAD = 1024 * 1024;

/** A socket, or one of the streams on it. */
type Way = Duplex & { setTimeout(milliseconds: number): unknown };

interface Limits {
  /** How long the client may take nothing, in milliseconds, as it is now. */
  readonly timeoutMs: () => number;
  /** Bytes that may wait for it. */
  readonly ahead?: number;
  /** What is written is given to the kernel as it is, and nobody else holds it. */
  readonly isPlain?: boolean;
}

/** The way out to one client. Where it does not read, those that answer it wait; where it never does, its connection ends. */
export class Outlet implements ResponseMemory {
  readonly #socket: Way;
  readonly #timeoutMs: () => number;
  readonly #ahead: number;
  readonly #isPlain: boolean;
  /** What is written next is in memory that everybody writes from. */
  #isSharing = false;
  /** The kernel does not take our bytes at the moment. */
  #isStuck = false;
  /** Those that wait for this client to read; a connection mostly ends without any. */
  #paused: Set<Source> | undefined;

  constructor(socket: Way, { timeoutMs, ahead = AHEAD, isPlain = false }: Limits) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    this.#ahead = ahead;
    this.#isPlain = isPlain;
    socket.on('drain', () => this.#unstick());
    socket.on('timeout', () => socket.destroy());
  }

  /** The kernel has not taken all that was written, so that is still where it was. */
  get isBehind(): boolean {
    return this.#socket.writableLength > 0;
  }

  /** More waits for the client than may. */
  get isFull(): boolean {
    return this.#socket.writableLength > this.#ahead;
  }

  take(size: number): Buffer {
    if (size < POOLED || size > WRITE_MEMORY || !this.#isPlain || this.isBehind) return Buffer.allocUnsafe(size);
    this.#isSharing = true;
    return writeMemory(size);
  }

  /** @param source who brings these bytes, if they are not just a few of the server's own */
  write(bytes: Buffer, source: Source | undefined): void {
    if (!this.#writeOne(bytes, source)) this.#look(source);
    if (this.#isSharing) this.#endSharing();
  }

  /** The same for several pieces, with one system call. */
  writeAll(pieces: readonly Buffer[], source: Source | undefined): void {
    if (pieces.length > 1) this.#socket.cork();
    const hasRoom = pieces.map((piece) => this.#writeOne(piece, source)).every(Boolean);
    if (pieces.length > 1) this.#socket.uncork();
    if (!hasRoom) this.#look(source);
  }

  #endSharing(): void {
    this.#isSharing = false;
    if (this.isBehind) leaveWriteMemory();
  }

  #writeOne(bytes: Buffer, source: Source | undefined): boolean {
    return this.#socket.write(bytes, source?.lend?.());
  }

  /** Where the client has not taken what was written, whoever brought it may have to wait. */
  #look(source: Source | undefined): void {
    // A write says no for any that is large; most are with the kernel when it returns.
    if (!this.isBehind) return;
    if (!this.#isStuck) {
      this.#isStuck = true;
      // Node's own timeout counts from the last bytes that the kernel took.
      this.#socket.setTimeout(this.#timeoutMs());
    }
    if (!source || this.#socket.writableLength <= (source.ahead ?? this.#ahead) || this.#paused?.has(source)) return;
    this.#paused ??= new Set();
    this.#paused.add(source);
    source.pause();
  }

  /** This one has nothing more for the client. */
  release(source: Source | undefined): void {
    if (!source) return;
    source.leave?.();
    if (this.#paused?.delete(source)) source.resume();
  }

  #unstick(): void {
    if (!this.#isStuck) return;
    this.#isStuck = false;
    this.#socket.setTimeout(0);
    for (const source of this.#paused ?? []) source.resume();
    this.#paused = undefined;
  }
}
