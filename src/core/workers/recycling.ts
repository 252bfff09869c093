import type { MemoryLimits, RecyclingPlan } from '../plan/plan.ts';
import { type MemoryUse, memoryOf } from './memory.ts';
import type { Pool } from './pool.ts';
import type { Worker } from './worker.ts';

/** How often the workers are looked at. */
const INTERVAL_MS = 1000;

const MEGABYTE = 2 ** 20;

/** Replaces workers that have become too old, and kills those that have grown beyond the evil limits. */
export class Recycling {
  readonly #pool: Pool;
  #timer: NodeJS.Timeout | undefined;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Goes by this plan from now on. */
  follow(plan: RecyclingPlan): void {
    this.stop();
    if (plan.maxLifetimeMs === 0 && plan.evil.rss === 0 && plan.evil.as === 0) return;
    this.#timer = setInterval(() => {
      const now = performance.now();
      for (const worker of this.#pool.workers) this.#look(worker, plan, now);
    }, INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(worker: Worker, plan: RecyclingPlan, now: number): void {
    const old = outlived(worker, plan, now);
    if (old !== undefined) this.#pool.replace(worker, old);
    if (worker.pid === undefined || (plan.evil.rss === 0 && plan.evil.as === 0)) return;
    const excess = outgrown(memoryOf(worker.pid), plan.evil);
    if (excess !== undefined) this.#pool.kill(worker, excess);
  }
}

/** Why a worker is too old, or undefined. */
export function outlived({ id, bornAt }: Pick<Worker, 'id' | 'bornAt'>, plan: RecyclingPlan, now: number): string | undefined {
  if (plan.maxLifetimeMs === 0) return undefined;
  const mayLiveMs = plan.maxLifetimeMs + (id - 1) * plan.maxLifetimeDeltaMs;
  const livedMs = now - bornAt;
  return livedMs < mayLiveMs
    ? undefined
    : `has lived ${Math.floor(livedMs / 1000)} s, of ${mayLiveMs / 1000} that it may (max-worker-lifetime)`;
}

/** Why a worker is too large, or undefined. */
export function outgrown(use: MemoryUse | undefined, limits: MemoryLimits): string | undefined {
  if (use === undefined) return undefined;
  if (limits.rss > 0 && use.rss > limits.rss) return `holds ${excess(use.rss, limits.rss, 'evil-reload-on-rss')}`;
  if (limits.as > 0 && use.as > limits.as) return `has an address space of ${excess(use.as, limits.as, 'evil-reload-on-as')}`;
  return undefined;
}

function excess(bytes: number, limit: number, option: string): string {
  return `${Math.round(bytes / MEGABYTE)} MB, more than ${option} = ${limit / MEGABYTE}`;
}
