import type { Socket } from 'node:net';
import type { Source } from './source.ts';

/** Bytes of responses that may wait for a slow client before whoever brings them has to wait, too. */
const AHEAD = 1024 * 1024;

/** The way out to one client. Where it does not read, those that answer it wait; where it never does, its connection ends. */
export class Outlet {
  readonly #socket: Socket;
  readonly #timeoutMs: () => number;
  /** The kernel does not take our bytes at the moment. */
  #isStuck = false;
  /** Those that wait for this client to read. */
  readonly #paused = new Set<Source>();

  /** @param timeoutMs how long the client may take nothing, as it is now */
  constructor(socket: Socket, timeoutMs: () => number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.on('drain', () => this.#unstick());
    socket.on('timeout', () => socket.destroy());
  }

  /** More waits for the client than may. */
  get isFull(): boolean {
    return this.#socket.writableLength > AHEAD;
  }

  /** @param source who brings these bytes, if they are not just a few of the server's own */
  write(bytes: Buffer, source: Source | undefined): void {
    if (this.#socket.write(bytes, source?.lend?.())) return;
    if (!this.#isStuck) {
      this.#isStuck = true;
      // Node's own timeout counts from the last bytes that the kernel took.
      this.#socket.setTimeout(this.#timeoutMs());
    }
    if (!source || this.#socket.writableLength <= (source.ahead ?? AHEAD) || this.#paused.has(source)) return;
    this.#paused.add(source);
    source.pause();
  }

  /** This one has nothing more for the client. */
  release(source: Source | undefined): void {
    if (source && this.#paused.delete(source)) source.resume();
  }

  #unstick(): void {
    this.#isStuck = false;
    this.#socket.setTimeout(0);
    for (const source of this.#paused) source.resume();
    this.#paused.clear();
  }
}
