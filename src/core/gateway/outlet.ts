import type { Socket } from 'node:net';
import type { Slot } from '../workers/slot.ts';

/** Bytes of responses that may wait for a slow client before the workers that bring them have to wait, too. */
const AHEAD = 1024 * 1024;

/** The way out to one client. Where it does not read, the slots that answer it wait; where it never does, its connection ends. */
export class Outlet {
  readonly #socket: Socket;
  readonly #timeoutMs: () => number;
  /** The kernel does not take our bytes at the moment. */
  #isStuck = false;
  /** The slots that wait for this client to read. */
  readonly #paused = new Set<Slot>();

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

  /** @param slot who brings these bytes, if it is not the server itself */
  write(bytes: Buffer, slot: Slot | undefined): void {
    if (this.#socket.write(bytes)) return;
    if (!this.#isStuck) {
      this.#isStuck = true;
      // Node's own timeout counts from the last bytes that the kernel took.
      this.#socket.setTimeout(this.#timeoutMs());
    }
    if (!slot || !this.isFull || this.#paused.has(slot)) return;
    this.#paused.add(slot);
    slot.pause();
  }

  /** This slot has nothing more for the client. */
  release(slot: Slot | undefined): void {
    if (slot && this.#paused.delete(slot)) slot.resume();
  }

  #unstick(): void {
    this.#isStuck = false;
    this.#socket.setTimeout(0);
    for (const slot of this.#paused) slot.resume();
    this.#paused.clear();
  }
}
