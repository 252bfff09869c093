import type { Scope } from '../test/helpers/scope.ts';

/**
 * A measurement that yields several figures, each for a section of its own. The sections are measured one after the other: the first one
 * measures, and the others take what it found, round by round. One that is measured alone measures for itself.
 */
export class SharedMeasurement<Figures> {
  readonly #measure: (scope: Scope, seconds: number) => Promise<Figures>;
  readonly #found: Promise<Figures>[] = [];

  constructor(measure: (scope: Scope, seconds: number) => Promise<Figures>) {
    this.#measure = measure;
  }

  /** One of the figures, for one section. */
  figure(choose: (figures: Figures) => number): (scope: Scope, seconds: number) => Promise<number> {
    let round = 0;
    return async (scope, seconds) => choose(await (this.#found[round++] ??= this.#measure(scope, seconds)));
  }
}
