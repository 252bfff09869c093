import { SparseLine } from './sparse-line.ts';

/** How often they are heard. */
export interface Patience {
  /** Milliseconds that never go back. */
  readonly now?: () => number;
  /** From one line to the next. */
  readonly quietMs?: number;
}

/** What goes wrong over and over: one line at once, then at most one in so long a time, with the last of it and how often it was. */
export class Complaints {
  readonly #line: SparseLine;
  readonly #now: () => number;
  #last = '';

  constructor(say: (text: string) => void, { now = () => performance.now(), quietMs }: Patience = {}) {
    this.#now = now;
    this.#line = new SparseLine((times) => say(`${this.#last}${times > 1 ? ` (times: ${times})` : ''}`), quietMs);
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
