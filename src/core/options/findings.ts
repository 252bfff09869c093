import { type Diagnostic, diagnosticOf } from '../errors/diagnostic.ts';
import { TsuwsgiError } from '../errors/error.ts';
import { SeveralProblemsError } from '../errors/options.ts';

/** A warning with the parts that it need not have left out. */
export type Warning = Omit<Diagnostic, 'severity' | 'suggestions'> & { readonly suggestions?: readonly string[] };

/** What is wrong or odd about the options, collected while they are read so that it can all be told at once. */
export class Findings {
  readonly #problems: TsuwsgiError[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  readonly #told = new Set<string>();

  /** Errors and warnings in the order in which they were met. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  get warnings(): readonly Diagnostic[] {
    return this.#diagnostics.filter(({ severity }) => severity === 'warning');
  }

  /** Nothing was found wrong; there may be warnings. */
  get isClean(): boolean {
    return this.#problems.length === 0;
  }

  /** A line that is read several times, such as one in a loop, is told of once. */
  warn({ suggestions = [], ...warning }: Warning): void {
    const fingerprint = JSON.stringify([warning.rule, warning.origin, warning.message]);
    if (this.#told.has(fingerprint)) return;
    this.#told.add(fingerprint);
    this.#diagnostics.push({ severity: 'warning', ...warning, suggestions });
  }

  fail(problem: TsuwsgiError): void {
    this.#problems.push(problem);
    this.#diagnostics.push(diagnosticOf(problem));
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
