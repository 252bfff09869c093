import { SparseLine } from './sparse-line.ts';

/** Whom oddities are told, and when. */
export interface OddityPorts {
  /** Milliseconds since some moment. */
  readonly now: () => number;
  readonly log: (line: string) => void;
  /** See SparseLine. */
  readonly quietMs?: number;
}

/** What is odd and no request's, such as handshakes that fail: one line at once, then at most one in so long a time, with the last of it. */
export class Oddities {
  readonly #line: SparseLine;
  readonly #now: () => number;
  #last = '';

  /** @param where they are met, such as the name of an address */
  constructor(where: string, { now, log, quietMs }: OddityPorts) {
    this.#now = now;
    this.#line = new SparseLine((times) => log(`[gateway] ${where}: ${this.#last}${times > 1 ? ` (times: ${times})` : ''}`), quietMs);
  }

  add(what: string): void {
    this.#last = what;
    this.#line.add(1, this.#now());
  }

  /** Tells what has not been told, when it is time to. */
  tell(): void {
    this.#line.tell(this.#now());
  }
}
