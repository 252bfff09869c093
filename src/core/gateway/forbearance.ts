/** So long a worker waits for a client that does not read, at first. */
const FIRST_MS = 25;
/** So much longer for each time that the client went on reading. */
const EARNED_MS = 25;
/** But never longer. */
const MOST_MS = 250;

/**
 * How long a worker waits for a client that is behind, before what it brings is kept in a file. A client that keeps up has only to be waited for
 * a moment, and what it gets should not go through the disk; one that has kept up for long is given time to stumble.
 */
export class Forbearance {
  readonly #over: () => void;
  #leftMs = FIRST_MS;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastLook: NodeJS.Immediate | undefined;

  /** @param over the client has not gone on in time */
  constructor(over: () => void) {
    this.#over = over;
  }

  begin(): void {
    this.#since = performance.now();
    this.#timer = setTimeout(() => this.#lookAgain(), this.#leftMs);
  }

  /** The client reads, or there is nothing more for it. */
  end(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#lastLook);
    const waited = performance.now() - this.#since;
    this.#leftMs = Math.min(Math.max(this.#leftMs - waited, 0) + EARNED_MS, MOST_MS);
  }

  /** It may be this process that was late: what the client has taken meanwhile is heard of first. */
  #lookAgain(): void {
    this.#lastLook = setImmediate(this.#over);
  }
}
