import type { After } from '../util/timer.ts';

/** Whoever has a clock. */
export interface QuestionPorts {
  /** Milliseconds that never go back. */
  readonly now: () => number;
  readonly after: After;
}

/** Something asked of a process that may hang: it is not asked again before it has answered, and nobody waits for it for long. */
export class Question<Answer> {
  #askedAt: number | undefined;
  #waiting: ((answer: Answer | undefined) => void)[] = [];

  /**
   * The answer, or undefined where there is none after so many milliseconds.
   *
   * @param send puts the question
   */
  ask(send: () => void, patienceMs: number, { now, after }: QuestionPorts): Promise<Answer | undefined> {
    const askedAt = this.#askedAt;
    if (askedAt !== undefined && now() - askedAt >= patienceMs) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const deadline = after(patienceMs, () => resolve(undefined));
      this.#waiting.push((answer) => {
        deadline.cancel();
        resolve(answer);
      });
      if (askedAt !== undefined) return;
      this.#askedAt = now();
      send();
    });
  }

  hear(answer: Answer): void {
    this.#askedAt = undefined;
    for (const tell of this.#waiting.splice(0)) tell(answer);
  }
}
