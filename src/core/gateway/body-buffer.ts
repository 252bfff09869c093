import type { ProtocolError } from '../errors/protocol.ts';
import { HeldPieces } from '../util/held-pieces.ts';
import type { BodyStore } from './body-store.ts';
import type { SharedBody } from './shared-bodies.ts';
import type { SpoolFile } from './spool-file.ts';

/** A body up to this size is copied into the frame of its request: a worker has both with one look at its socket. */
export const SMALL = 128 * 1024;

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
 *     memory ──larger than one may be, or all together──▶ file          all ──release──▶ gone
 *     shared memory ──not as long as was told, or that is full──▶ memory
 */
export class BodyBuffer {
  readonly #store: BodyStore;
  readonly #owner: BodyOwner;
  readonly #held = new HeldPieces();
  #reserved = 0;
  #shared: SharedBody | undefined;
  #file: SpoolFile | undefined;
  #size = 0;
  #isEnded = false;
  #isReleased = false;

  /** @param length how long it will be, if that is known */
  constructor(store: BodyStore, owner: BodyOwner, length = 0) {
    this.#store = store;
    this.#owner = owner;
    if (length <= SMALL) return;
    this.#shared = store.share(length);
    if (this.#shared) this.#reserved = length;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** The client should wait for the disk. */
  get isFull(): boolean {
    return this.#file !== undefined && this.#file.pending > PENDING_MAX;
  }

  /** @param isOurs it stays as it is; otherwise its memory is used again for what comes next */
  push(piece: Buffer, isOurs = true): void {
    const position = this.#size;
    this.#size += piece.length;
    if (this.#shared && this.#write(this.#shared, piece, position)) return;
    if (this.#file) {
      this.#file.append(piece);
      return;
    }
    this.#held.push(isOurs ? piece : Buffer.from(piece));
    if (this.#store.reserve(this.#reserved, piece.length)) this.#reserved += piece.length;
    else this.#spill();
  }

  /** Nothing more comes. */
  end(): void {
    this.#isEnded = true;
    if (this.#file === undefined || this.#file.pending === 0) this.#owner.collected();
  }

  /** Where it is, if workers can read it there. */
  get shared(): SharedBody | undefined {
    return this.#shared;
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
    this.#shared?.letGo('done');
    if (this.#file) this.#store.closed();
    this.#file?.close();
  }

  /** Whether it could be written; otherwise it goes on as one that is not shared. */
  #write(shared: SharedBody, piece: Buffer, position: number): boolean {
    try {
      shared.write(piece, position);
      return true;
    } catch {
      this.#shared = undefined;
      this.#giveMemoryBack();
      this.#size = 0;
      const begun = shared.read(position);
      shared.letGo('done');
      this.push(begun);
      this.#size += piece.length;
      return false;
    }
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
