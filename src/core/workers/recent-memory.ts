import { memoryOf, type MemoryUse } from './memory.ts';

/** A process is looked at anew after so long. */
const FRESH_MS = 1000;

const NONE: MemoryUse = { rss: 0, as: 0 };

/** How large processes are, for those who ask often. */
export class RecentMemory {
  readonly #known = new Map<number, { readonly at: number; readonly use: MemoryUse }>();

  /** In bytes, as it was within the last second; zeros where nobody can tell, or for no process. */
  of(pid: number | undefined, now: number): MemoryUse {
    if (pid === undefined || pid === 0) return NONE;
    for (const [each, { at }] of this.#known) if (now - at >= FRESH_MS) this.#known.delete(each);
    const known = this.#known.get(pid) ?? { at: now, use: memoryOf(pid) ?? NONE };
    this.#known.set(pid, known);
    return known.use;
  }
}
