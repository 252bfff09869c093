import type { SlotName } from '../wire/messages.ts';
import { isHeldUp, LONG_MS, type Usable } from '../workers/slots.ts';

/** A worker that could not give anything back is asked again: the application had just called it, or holds the interpreter. */
const AGAIN_MS = 100;

/** A slot, as far as this goes. */
interface HoldingSlot extends Usable {
  readonly name: SlotName;
}

export interface HoldupsPorts<Slot extends HoldingSlot> {
  readonly slots: Iterable<Slot>;
  /** Milliseconds, by the clock of the slots. */
  now(): number;
  /** What waits for a slot may go to another now. */
  proceed(now: number): void;
  /** Somebody else could take what waits. */
  isRoomAt(now: number): boolean;
  /** The worker of this slot is to give back what that has not begun. */
  ask(name: SlotName): void;
}

/**
 * Requests were sent ahead, to wait behind one that was going to be short, and it is not. Where another slot has room, they are asked back, and
 * go there.
 *
 *     slot: long, a, b        worker's control thread ──RETURNED a, b──▶ gateway ──a──▶ another slot
 */
export class Holdups<Slot extends HoldingSlot> {
  readonly #ports: HoldupsPorts<Slot>;
  /** When each slot was asked last. */
  readonly #asked = new WeakMap<Slot, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(ports: HoldupsPorts<Slot>) {
    this.#ports = ports;
  }

  /** Something waits that may have to be looked after. */
  watch(): void {
    this.#timer ??= setTimeout(() => this.#look(this.#ports.now()), LONG_MS).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #look(now: number): void {
    this.#timer = undefined;
    this.#ports.proceed(now);
    for (const slot of this.#ports.slots) {
      if (slot.used > 1) this.watch();
      if (isHeldUp(slot, now) && now - (this.#asked.get(slot) ?? -Infinity) >= AGAIN_MS && this.#ports.isRoomAt(now)) {
        this.#asked.set(slot, now);
        this.#ports.ask(slot.name);
      }
    }
  }
}
