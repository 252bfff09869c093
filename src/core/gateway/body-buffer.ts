import type { ProtocolError } from '../errors/protocol.ts';
import { HeldPieces } from '../util/held-pieces.ts';
import type { BodyStore } from './body-store.ts';
import type { SpoolFile } from './spool-file.ts';

/** When so much waits for the disk, the client waits, too. */
const PENDING_MAX = 512 * 1024;

/** Whose body it is. */
export interface BodyOwner {
  /** All of the body is here. */
  collected(): void;
  /** The disk has caught up: the client may send on. */
  relieved(): void;
  /** It cannot be kept. */
  failed(error: ProtocolError): void;
}

/**
 * The body of one request, collected before a worker has the request: the client takes the time that it takes, and no worker waits for it.
 *
 *     memory ──larger than one may be, or all together──▶ file          both ──release──▶ gone
 */
export class BodyBuffer {
  readonly #store: BodyStore;
  readonly #owner: BodyOwner;
  readonly #held = new HeldPieces();
  #reserved = 0;
  #file: SpoolFile | undefined;
  #size = 0;
  #isEnded = false;
  #isReleased = false;

  constructor(store: BodyStore, owner: BodyOwner) {
    this.#store = store;
    this.#owner = owner;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** The client should wait for the disk. */
  get isFull(): boolean {
    return this.#file !== undefined && this.#file.pending > PENDING_MAX;
  }

  push(piece: Buffer): void {
    this.#size += piece.length;
    if (this.#file) {
      this.#file.append(piece);
      return;
    }
    this.#held.push(piece);
    if (this.#store.reserve(this.#reserved, piece.length)) this.#reserved += piece.length;
    else this.#spill();
  }

  /** Nothing more comes. */
  end(): void {
    this.#isEnded = true;
    if (this.#file === undefined || this.#file.pending === 0) this.#owner.collected();
  }

  /** What is in memory; undefined for a body in a file. */
  get pieces(): readonly Buffer[] | undefined {
    return this.#file ? undefined : this.#held.pieces;
  }

  /** Gives at most so many bytes of a body in a file. Nothing comes once it is released. */
  read(position: number, size: number, take: (bytes: Buffer) => void): void {
    this.#file?.read(position, Buffer.allocUnsafeSlow(size), take);
  }

  /** Nobody needs it any more. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#giveMemoryBack();
    if (this.#file) this.#store.closed();
    this.#file?.close();
  }

  #spill(): void {
    const file = this.#store.open({
      written: () => this.#written(),
      failed: (error) => this.#failed(error),
    });
    for (const piece of this.#held.pieces) file.append(piece);
    this.#giveMemoryBack();
    this.#file = file;
  }

  #giveMemoryBack(): void {
    this.#held.clear();
    this.#store.giveBack(this.#reserved);
    this.#reserved = 0;
  }

  #written(): void {
    if (this.#file?.pending) return;
    if (this.#isEnded) this.#owner.collected();
    else this.#owner.relieved();
  }

  #failed(error: Error): void {
    if (!this.#isReleased) this.#owner.failed(this.#store.failure(error));
  }
}
