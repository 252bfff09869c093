/** Does something once at a time. Whoever asks while it is being done shares the next time, which begins when this one is over. */
export class OneAtATime {
  readonly #action: (because: string) => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(action: (because: string) => Promise<void>) {
    this.#action = action;
  }

  /** Settled when a time that began after this call is over, as the action was. */
  ask(because: string): Promise<void> {
    if (this.#running === undefined) return this.#begin(because);
    this.#next ??= this.#running.then(
      () => this.#beginNext(because),
      () => this.#beginNext(because),
    );
    return this.#next;
  }

  #begin(because: string): Promise<void> {
    this.#running = this.#action(because).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  #beginNext(because: string): Promise<void> {
    this.#next = undefined;
    return this.#begin(`${because}, asked meanwhile`);
  }
}
