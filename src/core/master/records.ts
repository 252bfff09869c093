import type { Sites } from '../sites/sites.ts';
import { LatencyWindow, MARK_MS } from '../stats/latency-window.ts';
import { ReloadRecord } from '../stats/reload-record.ts';
import { Restarts } from '../stats/restarts.ts';
import type { Tally } from '../stats/tally.ts';
import { KernelBacklog } from '../util/kernel-backlog.ts';
import { RecentMemory } from '../util/recent-memory.ts';
import type { GatewayLink } from './gateway-link.ts';

/** In the window of latencies: all workers together. */
export const ALL_WORKERS = 'all';

/** How long requests waited in the gateway. */
export const GATEWAY = 'gateway';

/** What those of one site are called there. */
export function workersOf(site: string): string {
  return `site ${site}`;
}

/** Who counts. */
export interface RecordsPorts {
  readonly tally: Tally;
  readonly sites: Pick<Sites, 'all'>;
  /** Undefined where there is none, or not yet. */
  readonly gateway: () => Pick<GatewayLink, 'figures'> | undefined;
}

/** What a server remembers of itself for the statistics. */
export class Records {
  /** Seconds since the epoch. */
  readonly startedAt = Math.floor(Date.now() / 1000);
  readonly reloads = new ReloadRecord();
  readonly restarts = new Restarts();
  readonly latencies = new LatencyWindow(performance.now());
  readonly memory = new RecentMemory();
  readonly backlog = new KernelBacklog();

  /** Looks at the counters from time to time. Returns how to stop that. */
  keep({ tally, sites, gateway }: RecordsPorts): () => void {
    const timer = setInterval(() => {
      const names = sites.all.map(({ name }) => name);
      tally.keepOnly(new Set(names));
      const ofSites = names.map((name) => [workersOf(name), tally.distributionsOf(name).times] as const);
      const waiting = Float64Array.from(gateway()?.figures.waiting ?? []);
      this.latencies.mark(new Map([[ALL_WORKERS, tally.allDistributions.times], [GATEWAY, waiting], ...ofSites]), performance.now());
    }, MARK_MS);
    return () => clearInterval(timer);
  }
}
