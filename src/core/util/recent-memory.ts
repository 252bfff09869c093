import { memoryOf, type MemoryUse } from './memory.ts';
import { RecentLook } from './recent-look.ts';

const NONE: MemoryUse = { rss: 0, as: 0 };

/** How large processes are, for those who ask often. */
export class RecentMemory {
  /** By pid, as far as anybody has asked. */
  readonly #known = new RecentLook(() => new Map<number, MemoryUse>());

  /** In bytes, as it was within the last second; zeros where nobody can tell, or for no process. */
  of(pid: number | undefined, now: number): MemoryUse {
    if (pid === undefined || pid === 0) return NONE;
    const known = this.#known.at(now);
    const use = known.get(pid) ?? memoryOf(pid) ?? NONE;
    known.set(pid, use);
    return use;
  }
}
