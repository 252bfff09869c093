/** Something that must not wait for ever. */
export interface Expiring {
  /** When it has waited long enough, by the clock of its Deadlines; Infinity while it waits for nothing. */
  deadline: number;
  expire(): void;
}

/**
 * One coarse timer for everything that waits. A request only assigns a number; nothing is armed or cancelled for it.
 * `now` moves with the timer, so a deadline is met up to two ticks late and never early.
 */
export class Deadlines {
  now = performance.now();

  #tickMs: number;
  readonly #onTick: () => void;
  readonly #watched = new Set<Expiring>();
  #timer: NodeJS.Timeout | undefined;
  #look: NodeJS.Immediate | undefined;

  constructor(tickMs: number, onTick: () => void) {
    this.#tickMs = tickMs;
    this.#onTick = onTick;
  }

  /** A process that was kept from its turn reads what came meanwhile before it looks who was late: that wait was not the client's. */
  start(): void {
    this.#timer = setInterval(() => {
      this.now = performance.now();
      this.#look = setImmediate(() => this.tick(this.now));
    }, this.#tickMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    clearImmediate(this.#look);
  }

  /** Looks at this interval from now on. */
  retime(tickMs: number): void {
    if (tickMs === this.#tickMs) return;
    this.#tickMs = tickMs;
    this.stop();
    this.start();
  }

  /** The deadline of a wait that begins now; 0 means that it may last for ever. */
  after(milliseconds: number): number {
    return milliseconds === 0 ? Infinity : this.now + milliseconds + this.#tickMs;
  }

  watch(waiting: Expiring): void {
    this.#watched.add(waiting);
  }

  forget(waiting: Expiring): void {
    this.#watched.delete(waiting);
  }

  tick(now: number = performance.now()): void {
    this.now = now;
    for (const waiting of this.#watched) {
      if (waiting.deadline > now) continue;
      waiting.deadline = Infinity;
      waiting.expire();
    }
    this.#onTick();
  }
}

/** Fine enough for the shortest of the limits, and never a burden. */
export function tickFor(...limitsMs: readonly number[]): number {
  const shortest = Math.min(...limitsMs.filter((limit) => limit > 0), Infinity);
  return Math.min(Math.max(Math.floor(shortest / 10), 5), 250);
}
