import type { Generation } from './generation.ts';

/**
 * A chain reload: a new generation takes over the worker ids one by one, the lowest first.
 *
 *     ids   1 … turn - 1          turn                       turn + 1 … wanted
 *           the new generation's  the old one's, until the   the old one's
 *                                 new one's serves
 */
export class Chain {
  readonly generation: Generation;
  #turn = 1;

  constructor(generation: Generation) {
    this.generation = generation;
  }

  /** Whether a generation, the new one or the old one, is to have a worker of this id now. */
  allows(generation: Generation, id: number): boolean {
    return generation === this.generation ? id <= this.#turn : id >= this.#turn;
  }

  /** Goes on to the first id of which no new worker serves. The generation has succeeded when there is none left. */
  advance(serves: (id: number) => boolean): void {
    const { wanted } = this.generation;
    while (this.#turn <= wanted && serves(this.#turn)) this.#turn++;
    if (this.#turn > wanted) this.generation.succeed();
  }
}
