/** Lets what must not happen at the same time happen one after the other, in the order in which it was asked for. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Settled as the action, which begins when all those before it are over. */
  take<Result>(action: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(action);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Settled when all those before are over: with the end of this turn, to be called once. */
  begin(): Promise<() => void> {
    return new Promise((begun) => {
      void this.take(() => new Promise<void>((end) => begun(end)));
    });
  }
}
