import type { Deadlines } from './deadlines.ts';

/** A body has to come at least this fast, seen over its whole time and beyond the patience that any client has: bytes a second. */
const SLOWEST = 500;

/** How long a client may take for a body that is collected: never silent for longer than its patience, and not drop by drop for ever. */
export class Pace {
  readonly #patienceMs: number;
  readonly #deadlines: Pick<Deadlines, 'now' | 'after'>;
  /** When it is too slow, unless more comes. */
  #due: number;
  #pausedAt: number | undefined;

  /** @param patienceMs how long it may be silent; 0 means for ever, and at any speed */
  constructor(patienceMs: number, deadlines: Pick<Deadlines, 'now' | 'after'>) {
    this.#patienceMs = patienceMs;
    this.#deadlines = deadlines;
    this.#due = deadlines.now + patienceMs;
  }

  /** So much has come; returns the deadline for more. */
  received(bytes: number): number {
    this.#due += (bytes * 1000) / SLOWEST;
    return this.#deadline;
  }

  /** The time in which it is not read does not count. */
  pause(): void {
    this.#pausedAt ??= this.#deadlines.now;
  }

  /** It is read again; returns as `received` does. */
  resume(): number {
    if (this.#pausedAt !== undefined) this.#due += this.#deadlines.now - this.#pausedAt;
    this.#pausedAt = undefined;
    return this.#deadline;
  }

  get #deadline(): number {
    const leftMs = Math.max(1, Math.min(this.#patienceMs, this.#due - this.#deadlines.now));
    return this.#deadlines.after(this.#patienceMs === 0 ? 0 : leftMs);
  }
}
