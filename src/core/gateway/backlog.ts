import { YoungGarbage } from '../util/young-garbage.ts';
import type { BodyStore } from './body-store.ts';
import { PieceMemory } from './piece-memory.ts';
import type { Source } from './source.ts';
import type { SpoolFile } from './spool-file.ts';

/** So much of it is read at a time. */
const PIECE = 128 * 1024;
/** When so much waits for the disk, the worker waits, too. */
const PENDING_MAX = 512 * 1024;

/** Whose response it is. */
export interface BacklogOwner {
  /** The next bytes of the body, for the client. */
  deliver(bytes: Buffer): void;
  /** The client has all that there was, and takes more. */
  caughtUp(): void;
  /** What was kept cannot be read. */
  lost(error: Error): void;
}

/** Who brings the response, as long as it does. */
type Feeder = Pick<Source, 'pause' | 'resume'>;

/**
 * The part of a response's body that a slow client has not read yet, in a file: the worker goes on at its own speed, and is free once it has
 * answered. What comes goes behind what is there, and each piece to the client as soon as it takes one.
 *
 *     slot ──push──▶ file ──as the client reads──▶ deliver          over ◀── the client has all of it, or is gone
 *       ◀── pause: it holds as much as it may, the disk is behind, the disk is full
 *
 * A worker that has to wait does so until its client has caught up, as it would without this.
 */
export class Backlog implements Source {
  /** Nothing waits in memory: it waits as well where it is. */
  readonly ahead = 0;
  readonly #store: BodyStore;
  readonly #feeder: Feeder;
  readonly #owner: BacklogOwner;
  readonly #file: SpoolFile;
  /** Its own, so that no mistake could ever bring one client what is another's. */
  readonly #memory = new PieceMemory(PIECE);
  /** What came is copied, and its memory of no more use. */
  readonly #garbage = new YoungGarbage();
  /** Bytes that came. */
  #size = 0;
  /** Bytes that were delivered. */
  #position = 0;
  #isReading = false;
  /** The client does not read. */
  #isPaused = false;
  /** The worker waits. */
  #isHolding = false;
  /** Nothing more can be written. */
  #isBroken = false;
  #isOver = false;
  /** The worker has answered. */
  #onEnd: (() => void) | undefined;

  /** Only where the store has room for one. */
  constructor(store: BodyStore, feeder: Feeder, owner: BacklogOwner) {
    this.#store = store;
    this.#feeder = feeder;
    this.#owner = owner;
    this.#file = store.open({
      written: () => this.#written(),
      failed: (error, at) => this.#failed(error, at),
    });
  }

  push(bytes: Buffer): void {
    this.#size += bytes.length;
    this.#store.keep(bytes.length);
    this.#file.append(bytes);
    this.#garbage.add(bytes.length);
    if (this.#mustHold) this.#hold();
    if (this.#isBroken) this.#proceed();
  }

  /** Nothing more comes. @param then once the client has been given all of it */
  end(then: () => void): void {
    this.#onEnd = then;
    this.#letGo();
    this.#proceed();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#proceed();
  }

  lend(): (() => void) | undefined {
    return this.#memory.lend();
  }

  /** The client takes nothing more. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#file.close();
    this.#store.closed();
    this.#store.drop(this.#size);
    this.#letGo();
  }

  /** All that came is in the file. */
  get isWritten(): boolean {
    return this.#file.pending === 0;
  }

  get #mustHold(): boolean {
    return this.#isBroken || this.#file.pending > PENDING_MAX || !this.#store.hasRoom(this.#size);
  }

  #hold(): void {
    if (this.#isHolding || this.#onEnd) return;
    this.#isHolding = true;
    this.#feeder.pause();
  }

  #letGo(): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    this.#feeder.resume();
  }

  #written(): void {
    if (this.isWritten && !this.#mustHold) this.#letGo();
    this.#proceed();
  }

  #failed(error: Error, at: 'write' | 'read'): void {
    if (this.#isOver) return;
    if (at === 'read') {
      this.#owner.lost(error);
      return;
    }
    this.#store.refused(error);
    this.#isBroken = true;
    this.#hold();
    this.#proceed();
  }

  #proceed(): void {
    if (this.#isOver || this.#isPaused || this.#isReading) return;
    if (this.#position < this.#file.size) this.#read();
    else if (this.#position === this.#size) this.#finish();
    else if (this.#isBroken) this.#deliverUnwritten();
  }

  #read(): void {
    this.#isReading = true;
    const memory = this.#memory.take();
    this.#file.read(this.#position, memory, (bytes) => {
      this.#isReading = false;
      this.#memory.lendFor(memory, () => this.#deliver(bytes));
      this.#proceed();
    });
  }

  #deliverUnwritten(): void {
    for (const piece of this.#file.takeUnwritten()) this.#deliver(piece);
    this.#proceed();
  }

  #deliver(bytes: Buffer): void {
    if (this.#isOver) return;
    this.#position += bytes.length;
    this.#owner.deliver(bytes);
  }

  #finish(): void {
    if (this.#onEnd) this.#onEnd();
    else {
      this.leave();
      this.#owner.caughtUp();
    }
  }
}
