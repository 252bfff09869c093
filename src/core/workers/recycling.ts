import type { MemoryLimits, RecyclingPlan } from '../plan/plan.ts';
import { type MemoryUse, memoryOf } from '../util/memory.ts';
import type { Pool } from './pool.ts';
import type { Worker } from './worker.ts';

/** How often the workers are looked at. */
const INTERVAL_MS = 1000;

const MEGABYTE = 2 ** 20;

export type AgePorts = Pick<Pool, 'workers' | 'replace' | 'kill'>;

/** Replaces workers that have become too old, and kills those that have grown beyond the evil limits. Returns how to stop that. */
export function watchAge(plan: RecyclingPlan, pool: AgePorts): () => void {
  const { maxLifetimeMs, evil } = plan;
  if (maxLifetimeMs === 0 && evil.rss === 0 && evil.as === 0) return () => undefined;
  const timer = setInterval(() => {
    const now = performance.now();
    for (const worker of pool.workers) {
      const old = outlived(worker, plan, now);
      if (old !== undefined) pool.replace(worker, 'lifetime', old);
      const excess = tooLarge(worker, evil);
      if (excess !== undefined) pool.kill(worker, excess);
    }
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}

function tooLarge({ pid }: Worker, limits: MemoryLimits): string | undefined {
  if (pid === undefined || (limits.rss === 0 && limits.as === 0)) return undefined;
  return outgrown(memoryOf(pid), limits);
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
