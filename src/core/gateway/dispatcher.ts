import { Prefetch } from '../workers/prefetch.ts';
import type { Slot, SlotEvents, SlotRequest } from '../workers/slot.ts';
import { Slots } from '../workers/slots.ts';
import type { SlotName } from '../wire/messages.ts';
import { Exchange } from './exchange.ts';
import { RequestQueue } from './queue.ts';

export interface DispatcherPlan {
  readonly harakiriMs: number;
  readonly queueLimit: number;
  readonly prefetch: number;
}

/** Tells which request a slot began last, also when its worker is dead. */
export type LastStarted = (slot: SlotName) => number;

/** Brings requests and slots together: the next request goes to the least used slot, and waits while all have enough. */
export class Dispatcher implements SlotEvents {
  readonly #plan: DispatcherPlan;
  readonly #lastStarted: LastStarted;
  readonly #slots = new Slots<Slot>();
  readonly #queue: RequestQueue;
  readonly #prefetch: Prefetch;
  /** The worker that left each seat: its slots may still come back with a new connection. */
  readonly #retired = new Map<number, number>();
  #isPaused = false;
  #isOver = false;

  constructor(plan: DispatcherPlan, lastStarted: LastStarted) {
    this.#plan = plan;
    this.#lastStarted = lastStarted;
    this.#queue = new RequestQueue(plan.queueLimit);
    this.#prefetch = new Prefetch(plan.prefetch);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  submit(exchange: Exchange): void {
    const slot = this.#queue.length === 0 ? this.#freeSlot() : undefined;
    if (slot) exchange.sendTo(slot);
    else if (!this.#queue.push(exchange)) {
      exchange.fail(503, `${this.#queue.length} requests wait for a worker already`, 'Retry-After: 1\r\n');
    }
  }

  /** The client of this request is gone. */
  abandon(exchange: Exchange): void {
    const { state, slot } = exchange;
    if (state === 'ended') return;
    exchange.state = 'ended';
    if (state === 'queued') this.#queue.drop();
    else slot?.cancel(exchange);
  }

  opened(slot: Slot): void {
    this.#slots.add(slot);
    if (this.#retired.get(slot.name.seat) === slot.name.pid) slot.retire();
    this.#dispatch();
  }

  freed(_slot: Slot, serviceUs: number): void {
    this.#prefetch.record(serviceUs);
    this.#dispatch();
  }

  closed(slot: Slot, unanswered: readonly SlotRequest[]): void {
    this.#slots.remove(slot);
    if (unanswered.length === 0 || this.#isOver) return;
    const exchanges = unanswered.filter((request): request is Exchange => request instanceof Exchange);
    const lastStarted = this.#lastStarted(slot.name);
    const begun = exchanges.findIndex(({ id }) => id === lastStarted);
    const reason = `${slot.label} died while it ran this request`;
    const isLate = this.#isLate(slot, performance.now());
    const lost = exchanges.filter((exchange, index) => index <= begun || !isUntouched(exchange));
    for (const exchange of lost) exchange.fail(isLate ? 504 : 502, reason);

    const again = exchanges.filter((exchange) => !lost.includes(exchange) && exchange.state === 'sent');
    for (const exchange of again.reverse()) {
      exchange.takeBack();
      this.#queue.unshift(exchange);
    }
    this.#dispatch();
  }

  /** No new requests for the slots of this seat; each closes when it has answered what it has. */
  retire(seat: number): void {
    for (const slot of [...this.#slots]) {
      if (slot.name.seat !== seat) continue;
      this.#retired.set(seat, slot.name.pid);
      slot.retire();
    }
  }

  /** From now on requests wait, whatever slots are free. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#dispatch();
  }

  /** Answers for the requests whose time is up. Their slots stay taken until the worker answers or dies. */
  checkTime(now: number): void {
    if (this.#plan.harakiriMs === 0) return;
    for (const slot of this.#slots) {
      if (!this.#isLate(slot, now)) continue;
      const { oldest } = slot;
      if (!(oldest instanceof Exchange) || oldest.state === 'ended') continue;
      oldest.fail(504, `${slot.label} took longer than ${this.#plan.harakiriMs / 1000} s`);
      // Nobody waits any more: an application that reads the body, or sends an answer that nobody takes, hears it now.
      slot.cancel(oldest);
    }
  }

  /** Nobody waits for answers any more. */
  destroy(): void {
    this.#isOver = true;
    for (const slot of [...this.#slots]) slot.destroy();
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const slot = this.#freeSlot();
      const exchange = slot && this.#queue.shift();
      if (!exchange) return;
      exchange.sendTo(slot);
    }
  }

  #freeSlot(): Slot | undefined {
    return this.#isPaused ? undefined : this.#slots.leastUsed(this.#prefetch.depth);
  }

  #isLate(slot: Slot, now: number): boolean {
    const { harakiriMs } = this.#plan;
    return harakiriMs > 0 && slot.used > 0 && now - slot.oldestSince >= harakiriMs;
  }
}

/** Nothing came back of it, and all that was sent is here to be sent again. */
function isUntouched({ state, isPartlyGone }: Exchange): boolean {
  return state === 'sent' && !isPartlyGone;
}
