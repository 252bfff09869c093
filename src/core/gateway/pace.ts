/** A body has to come at least this fast, seen over its whole time and beyond the patience that any client has: bytes a second. */
const SLOWEST = 500;

/** How long a client may take for a body that is collected: never silent for longer than its patience, and not drop by drop for ever. */
export class Pace {
  readonly #patienceMs: number;
  /** When it is too slow, unless more comes. */
  #due: number;
  #pausedAt: number | undefined;

  /** @param patienceMs how long it may be silent; 0 means for ever, and at any speed */
  constructor(patienceMs: number, now: number) {
    this.#patienceMs = patienceMs;
    this.#due = now + patienceMs;
  }

  /** So much has come; returns how long the client may now take for more, in milliseconds; 0 means for ever. */
  received(bytes: number, now: number): number {
    this.#due += (bytes * 1000) / SLOWEST;
    return this.#left(now);
  }

  /** The time in which it is not read does not count. */
  pause(now: number): void {
    this.#pausedAt ??= now;
  }

  /** It is read again; returns as `received` does. */
  resume(now: number): number {
    if (this.#pausedAt !== undefined) this.#due += now - this.#pausedAt;
    this.#pausedAt = undefined;
    return this.#left(now);
  }

  #left(now: number): number {
    return this.#patienceMs === 0 ? 0 : Math.max(1, Math.min(this.#patienceMs, this.#due - now));
  }
}
