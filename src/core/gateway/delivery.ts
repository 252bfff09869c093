import type { Slot, SlotRequest } from '../workers/slot.ts';
import type { BodyBuffer } from './body-buffer.ts';
import type { BodyCarrier } from './exchange.ts';
import type { SharedBody } from './shared-bodies.ts';

/** As large as the pieces in which the worker takes them. */
const PIECE = 128 * 1024;

/** Brings a body that was collected to a slot, as fast as its worker takes it, and to another one if that worker died before it began. */
export class Delivery implements BodyCarrier {
  readonly #body: BodyBuffer;
  /** Who gets it at the moment. */
  #receiver: { readonly slot: Slot; readonly request: SlotRequest } | undefined;
  #position = 0;
  #isReading = false;

  constructor(body: BodyBuffer) {
    this.#body = body;
  }

  begin(slot: Slot, request: SlotRequest): void {
    this.#receiver = { slot, request };
    this.#position = 0;
    this.proceed();
  }

  /** Nobody takes it for now. */
  stop(): void {
    this.#receiver = undefined;
  }

  left(): void {
    // What it has got is its own.
  }

  /** The slot may take more. */
  proceed(): void {
    const receiver = this.#receiver;
    if (!receiver || this.#isReading || this.#isDelivered) return;
    const pieces = this.#body.pieces;
    if (pieces) {
      this.#give(pieces, this.#body.size);
      return;
    }
    if (receiver.slot.isFull) return;
    this.#isReading = true;
    this.#body.read(this.#position, PIECE, (piece) => {
      this.#isReading = false;
      // Meanwhile its worker may have died, and another one begun with it.
      if (receiver === this.#receiver) this.#give([piece], piece.length);
      this.proceed();
    });
  }

  get #isDelivered(): boolean {
    return this.#position === this.#body.size;
  }

  #give(pieces: readonly Buffer[], size: number): void {
    this.#position += size;
    this.#receiver?.slot.sendBody(this.#receiver.request, pieces, this.#isDelivered);
  }
}

/** Lets a worker read a body where it is; until that has done so it stays there, whatever becomes of the client. */
export class SharedDelivery implements BodyCarrier {
  readonly #body: SharedBody;

  constructor(body: SharedBody) {
    this.#body = body;
  }

  begin(): void {
    this.#body.hold();
  }

  stop(): void {
    // The worker that had it has left it.
  }

  proceed(): void {
    // All of it is there.
  }

  left(how: 'done' | 'unknown'): void {
    this.#body.letGo(how);
  }
}
