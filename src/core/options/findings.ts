import type { Diagnostic } from '../errors/diagnostic.ts';
import { type Origin, TsuwsgiError } from '../errors/error.ts';
import { SeveralProblemsError } from '../errors/options.ts';

/** What is wrong or odd about the options, collected while they are read so that it can all be told at once. */
export class Findings {
  readonly #problems: TsuwsgiError[] = [];
  readonly #warnings: Diagnostic[] = [];

  get warnings(): readonly Diagnostic[] {
    return this.#warnings;
  }

  /** Nothing was found wrong; there may be warnings. */
  get isClean(): boolean {
    return this.#problems.length === 0;
  }

  warn(origin: Origin, message: string, suggestions: readonly string[] = []): void {
    this.#warnings.push({ origin, message, suggestions });
  }

  fail(problem: TsuwsgiError): void {
    this.#problems.push(problem);
  }

  /** What `read` returns, or undefined when it threw an error for the user, which is kept. */
  attempt<Value>(read: () => Value): Value | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof TsuwsgiError)) throw error;
      this.fail(error);
      return undefined;
    }
  }

  /** Throws what was found wrong. A single problem is thrown as it is, with its own code and status. */
  throwProblems(): void {
    const [first, ...others] = this.#problems;
    if (first === undefined) return;
    throw others.length === 0 ? first : new SeveralProblemsError(this.#problems);
  }
}
