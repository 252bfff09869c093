/** uWSGI's worker ids, of which each pool has some: those of the first are 1…N, those of the next follow. An id stays with its pool. */
export class WorkerIds {
  /** By id, from 1 on: whose it is. */
  readonly #owners: (string | undefined)[] = [undefined];

  /** The id of a pool's worker of this rank, 1…: the pool gets as many as it takes, the lowest that are free. */
  of(pool: string, rank: number): number {
    const own = this.#idsOf(pool);
    while (own.length < rank) own.push(this.#take(pool));
    return own[rank - 1] ?? 0;
  }

  /** A pool is gone. */
  free(pool: string): void {
    for (const id of this.#idsOf(pool)) this.#owners[id] = undefined;
  }

  #idsOf(pool: string): number[] {
    return this.#owners.flatMap((owner, id) => (owner === pool ? [id] : []));
  }

  #take(pool: string): number {
    const gap = this.#owners.indexOf(undefined, 1);
    const id = gap === -1 ? this.#owners.length : gap;
    this.#owners[id] = pool;
    return id;
  }
}
