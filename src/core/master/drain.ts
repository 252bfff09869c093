import type { After, Timer } from '../util/timer.ts';

/**
 * `drain-delay`: the time between the order to stop and the end of accepting, in which load balancers notice that the server is not
 * ready any more. Another order to stop cuts it short.
 */
export class Drain {
  readonly #after: After;
  #timer: Timer | undefined;
  #over: () => void = () => undefined;

  constructor(after: After) {
    this.#after = after;
  }

  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  /** Settled when the delay is over or cut short. */
  begin(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#over = resolve;
      this.#timer = this.#after(delayMs, () => this.cut());
    });
  }

  /** What it was to be waited for comes now. */
  cut(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#over();
  }
}
