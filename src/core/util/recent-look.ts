/** So long one look is enough. */
const FRESH_MS = 1000;

/** What there is to be seen somewhere, for those who ask often. */
export class RecentLook<Seen> {
  readonly #look: () => Seen;
  #last: { readonly at: number; readonly seen: Seen } | undefined;

  constructor(look: () => Seen) {
    this.#look = look;
  }

  /** As it was within the last second. Times are milliseconds that never go back. */
  at(now: number): Seen {
    if (this.#last === undefined || now - this.#last.at >= FRESH_MS) this.#last = { at: now, seen: this.#look() };
    return this.#last.seen;
  }
}
