/** Does something once at a time. Whoever asks while it is being done shares the next time, which begins when this one is over. */
export class OneAtATime<Request> {
  readonly #action: (request: Request) => Promise<void>;
  readonly #merge: (waiting: Request, another: Request) => Request;
  #running: Promise<void> | undefined;
  #next: { request: Request; readonly done: Promise<void> } | undefined;

  /** @param merge the request that serves two which came while another was carried out, the later one second */
  constructor(action: (request: Request) => Promise<void>, merge: (waiting: Request, another: Request) => Request) {
    this.#action = action;
    this.#merge = merge;
  }

  /** Settled when a time that began after this call is over, as the action was. */
  ask(request: Request): Promise<void> {
    if (this.#running === undefined) return this.#begin(request);
    if (this.#next === undefined) {
      const beginNext = (): Promise<void> => this.#beginNext();
      this.#next = { request, done: this.#running.then(beginNext, beginNext) };
    } else this.#next.request = this.#merge(this.#next.request, request);
    return this.#next.done;
  }

  #begin(request: Request): Promise<void> {
    this.#running = this.#action(request).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  #beginNext(): Promise<void> {
    const next = this.#next;
    this.#next = undefined;
    return next === undefined ? Promise.resolve() : this.#begin(next.request);
  }
}
