import { availableParallelism } from 'node:os';
import type { Loan, QueueState, Refusal, Shortage } from '../plan/gateway-plan.ts';
import { type SlotName, tellCalm } from '../wire/messages.ts';
import { Breadth } from '../workers/breadth.ts';
import { Prefetch } from '../workers/prefetch.ts';
import type { Slot, SlotEvents, SlotRequest } from '../workers/slot.ts';
import { Slots } from '../workers/slots.ts';
import type { Counters } from './counters.ts';
import type { Destination } from './destination.ts';
import { Exchange } from './exchange.ts';
import { Holdups } from './holdups.ts';
import { RequestQueue } from './queue.ts';
import { Refusals, retryAfter } from './refusals.ts';
import { type Limits, TimeLimits } from './time-limits.ts';

export interface DispatcherPlan extends Limits {
  readonly queueLimit: number;
  readonly prefetch: number;
}

/** What it needs of those around it. */
export interface DispatcherPorts {
  /** Tells which request a slot began last and the deadline of its own that it had, also when its worker is dead. */
  readonly lastStarted: (slot: SlotName) => { readonly requestId: number; readonly deadlineMs: number };
  readonly log: (line: string) => void;
  readonly counters: Pick<Counters, 'waited' | 'refused'>;
  /** Once after each `watch`: a request waits for a slot. */
  readonly knock: () => void;
  /** The first request waits, and there is no slot at all: none of ours, if there are other gateways. */
  readonly bare: () => void;
  /** What waits in this slot, behind one that takes long, is to come back. */
  readonly askBack: (slot: SlotName) => void;
}

/** A wait that is shorter does not pay for a slot of another gateway. */
const SHORT_AFTER_MS = 20;
/** With more requests than that at once no processor has time to spare. */
const FEW = 2 * availableParallelism();

/** Brings requests and slots together: the next request goes to the least used slot, and waits while all have enough. */
export class Dispatcher implements SlotEvents, Destination {
  readonly isForWorkers = true;
  readonly #ports: DispatcherPorts;
  #limits: TimeLimits;
  readonly #refusals: Refusals;
  readonly #slots = new Slots<Slot>();
  readonly #queue: RequestQueue;
  readonly #holdups: Holdups<Slot>;
  #prefetch: Prefetch;
  #breadth = new Breadth();
  /** The worker that left each seat: its slots may still come back with a new connection, or come late to a new gateway. */
  readonly #retired = new Map<number, number>();
  /** Requests that slots have. */
  #running = 0;
  #isPaused = false;
  #isWatching = false;
  #isOver = false;

  constructor(plan: DispatcherPlan, ports: DispatcherPorts) {
    this.#ports = ports;
    this.#limits = new TimeLimits(plan);
    this.#refusals = new Refusals(ports.log);
    this.#queue = new RequestQueue(plan.queueLimit);
    this.#prefetch = new Prefetch(plan.prefetch);
    this.#holdups = new Holdups({
      slots: this.#slots,
      now: () => performance.now(),
      proceed: (now) => this.#lookForLongOnes(now),
      isRoomAt: (now) => this.#freeSlot(now) !== undefined,
      ask: (name) => ports.askBack(name),
    });
  }

  /** Goes by this plan from now on, for the requests that wait as well. */
  follow(plan: DispatcherPlan): void {
    this.#limits = new TimeLimits(plan);
    this.#queue.limit = plan.queueLimit;
    this.#prefetch = new Prefetch(plan.prefetch);
    this.#breadth = new Breadth();
  }

  /** It has neither slots nor requests. */
  get isIdle(): boolean {
    return this.#queue.length === 0 && [...this.#slots].length === 0;
  }

  queueAt(now: number): QueueState {
    return { length: this.#queue.length, ageMs: Math.round(this.#queue.ageAt(now)) };
  }

  submit(exchange: Exchange): void {
    const slot = this.#queue.length === 0 ? this.#freeSlot(this.#now) : undefined;
    if (slot) this.#send(exchange, slot, 0);
    else if (this.#queue.push(exchange)) {
      this.#knock();
      if (this.#queue.length === 1 && this.#slots.isEmpty && !this.#isPaused) this.#ports.bare();
    } else {
      this.#ports.counters.refused();
      this.#refusals.refuse(exchange, this.#queue, performance.now());
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
    this.#running--;
    if (!this.#breadth.isReference) this.#prefetch.record(serviceUs);
    if (this.#slots.areThreads && !this.#prefetch.isFixed) {
      const requests = this.#running + this.#queue.length;
      const { areShort, areAlike } = this.#prefetch;
      this.#breadth.record({ now: performance.now(), workers: this.#slots.workers, requests, areShort, areAlike });
    }
    this.#dispatch();
  }

  returned(_slot: Slot, requests: readonly SlotRequest[]): void {
    this.#running -= requests.length;
    this.#sendAgain(requests.filter((request): request is Exchange => request instanceof Exchange && request.state === 'sent'));
  }

  closed(slot: Slot, unanswered: readonly SlotRequest[]): void {
    this.#slots.remove(slot);
    this.#running -= unanswered.length;
    if (unanswered.length === 0 || this.#isOver) return;
    const exchanges = unanswered.filter((request): request is Exchange => request instanceof Exchange && !request.isTaken);
    const { requestId, deadlineMs } = this.#ports.lastStarted(slot.name);
    const begun = exchanges.findIndex(({ id }) => id === requestId);
    const reason = `${slot.label} died while it ran this request`;
    const isLate = this.#limits.isOverrun(slot, performance.now(), begun === -1 ? 0 : deadlineMs);
    const lost = exchanges.filter((exchange, index) => index <= begun || !isUntouched(exchange));
    for (const exchange of lost) exchange.fail(isLate ? 504 : 502, reason);

    this.#sendAgain(exchanges.filter((exchange) => !lost.includes(exchange) && exchange.state === 'sent'));
  }

  /** No new requests for the slots of this worker; each closes when it has answered what it has. */
  retire(seat: number, pid: number): void {
    this.#retired.set(seat, pid);
    for (const slot of [...this.#slots]) if (slot.name.seat === seat && slot.name.pid === pid) slot.retire();
  }

  /** From now on requests wait, whatever slots are free. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#dispatch();
  }

  /** Requests have waited for a while because all slots are busy, or wait and there are none. */
  shortageAt(now: number): Pick<Shortage, 'isBare'> | undefined {
    if (this.#queue.length === 0 || this.#isPaused) return undefined;
    const isBare = this.#slots.isEmpty;
    // Those that are idle have nothing to do as long as one thread is faster.
    if (this.#breadth.isNarrow && this.#slots.leastUsed(1, now)) return undefined;
    return isBare || this.#queue.ageAt(now) >= SHORT_AFTER_MS ? { isBare } : undefined;
  }

  /** Another gateway needs a slot. It gets one that is idle here, or any if it has none at all. */
  lend({ to, isUrgent }: Pick<Loan, 'to' | 'isUrgent'>): void {
    const idle = this.#queue.length === 0 ? [...this.#slots].findLast(({ used, isOpen }) => used === 0 && isOpen) : undefined;
    const slot = idle ?? (isUrgent ? this.#slots.leastUsed(Infinity, -Infinity) : undefined);
    slot?.move(to);
  }

  /** No worker is left. Knocks when one is needed. */
  watch(): void {
    this.#isWatching = true;
    this.#knock();
  }

  /** No worker will come for those who wait now. */
  refuseWaiting({ status, reason }: Pick<Refusal, 'status' | 'reason'>): void {
    const fields = status === 503 ? retryAfter(0) : '';
    this.#ports.counters.refused(this.#queue.length);
    for (let waiting = this.#queue.shift(); waiting; waiting = this.#queue.shift()) waiting.fail(status, reason, fields);
  }

  /** Answers for the requests whose time is up. */
  checkTime(now: number): void {
    this.#ports.counters.refused(this.#limits.checkQueue(this.#queue, now));
    for (const slot of this.#slots) this.#limits.checkSlot(slot, now);
    this.#refusals.tell(now);
  }

  /** Nobody waits for answers any more. */
  destroy(): void {
    this.#isOver = true;
    this.#holdups.stop();
    this.#refusals.tell(Infinity);
    for (const slot of [...this.#slots]) slot.destroy();
  }

  #knock(): void {
    if (!this.#isWatching || this.#queue.length === 0) return;
    this.#isWatching = false;
    this.#ports.knock();
  }

  /** Those that no slot has begun wait again, each in its place. */
  #sendAgain(exchanges: readonly Exchange[]): void {
    for (const exchange of exchanges) {
      exchange.takeBack();
      this.#queue.putBack(exchange);
    }
    this.#dispatch();
    this.#knock();
  }

  /** One of those that run may have turned out to be of another kind than the others. */
  #lookForLongOnes(now: number): void {
    if (this.#breadth.isNarrow && this.#slots.hasLongAt(now)) {
      this.#prefetch.sawLong();
      this.#breadth.widen();
    }
    this.#dispatch();
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const slot = this.#freeSlot(this.#now);
      // Another slot gets it as soon as one takes long.
      if (!slot && this.#breadth.isNarrow) this.#holdups.watch();
      const exchange = slot && this.#queue.shift();
      if (!exchange) return;
      this.#send(exchange, slot, performance.now() - exchange.since);
    }
  }

  #send(exchange: Exchange, slot: Slot, waitedMs: number): void {
    this.#ports.counters.waited(waitedMs);
    this.#running++;
    tellCalm(exchange.frame, this.#running <= FEW);
    exchange.sendTo(slot);
    if (slot.used > 1 && !this.#prefetch.isFixed) this.#holdups.watch();
  }

  /** The time, where it matters for how long others have run: a request may wait behind them, and nobody has said that it is to. */
  get #now(): number {
    const mayWait = this.#prefetch.depth > 1 || this.#breadth.isNarrow;
    return mayWait && !this.#prefetch.isFixed ? performance.now() : -Infinity;
  }

  #freeSlot(now: number): Slot | undefined {
    if (this.#isPaused) return undefined;
    const { depth } = this.#prefetch;
    return this.#breadth.isNarrow ? this.#slots.warmest(Math.max(2, depth), now) : this.#slots.leastUsed(depth, now);
  }
}

/** Nothing came back of it, and all that was sent is here to be sent again. */
function isUntouched({ state, isPartlyGone }: Exchange): boolean {
  return state === 'sent' && !isPartlyGone;
}
