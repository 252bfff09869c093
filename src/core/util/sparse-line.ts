/** One line in so long a time, unless it is to be another one. */
const QUIET_MS = 10_000;
/** For what others have to mend, such as a server that takes nothing from us. */
export const RARELY_MS = 60_000;

/** What is said at once, and then at most every so often, with how often there was reason for it since. */
export class SparseLine {
  readonly #say: (times: number) => void;
  readonly #quietMs: number;
  #untold = 0;
  #quietUntil = -Infinity;

  constructor(say: (times: number) => void, quietMs = QUIET_MS) {
    this.#say = say;
    this.#quietMs = quietMs;
  }

  add(times: number, now: number): void {
    this.#untold += times;
    this.tell(now);
  }

  /** Says what has not been said, when it is time to. */
  tell(now: number): void {
    if (this.#untold === 0 || now < this.#quietUntil) return;
    this.#say(this.#untold);
    this.#untold = 0;
    this.#quietUntil = now + this.#quietMs;
  }
}
