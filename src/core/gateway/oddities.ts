import { SparseLine } from './sparse-line.ts';

/** What clients do that is no request, such as handshakes that fail: one line at once, then at most one in ten seconds, with the last of it. */
export class Oddities {
  readonly #line: SparseLine;
  readonly #now: () => number;
  #last = '';

  /** @param name of the address where they come in */
  constructor(name: string, now: () => number, log: (line: string) => void) {
    this.#now = now;
    this.#line = new SparseLine((times) => log(`[gateway] ${name}: ${this.#last}${times > 1 ? ` (times: ${times})` : ''}`));
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
