import type { Generation } from './generation.ts';

/**
 * A chain reload: a new generation takes over the ranks one by one, the lowest first.
 *
 *     ranks 1 … turn - 1          turn                       turn + 1 … wanted
 *           the new generation's  the old one's, until the   the old one's
 *                                 new one's serves
 */
export class Chain {
  readonly generation: Generation;
  #turn = 1;

  constructor(generation: Generation) {
    this.generation = generation;
  }

  /** Whether a generation, the new one or the old one, is to have a worker of this rank now. */
  allows(generation: Generation, rank: number): boolean {
    return generation === this.generation ? rank <= this.#turn : rank >= this.#turn;
  }

  /** Goes on to the first rank of which no new worker serves. The generation has succeeded when there is none left. */
  advance(serves: (rank: number) => boolean): void {
    const { wanted } = this.generation;
    while (this.#turn <= wanted && serves(this.#turn)) this.#turn++;
    if (this.#turn > wanted) this.generation.succeed();
  }
}
