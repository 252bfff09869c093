import type { Site } from '../sites/site.ts';
import type { ApplicationStats, LogStats, OwnStats } from '../stats/document.ts';
import type { Tally } from '../stats/tally.ts';
import type { GatewayLink } from './gateway-link.ts';
import type { Phase } from './phase.ts';
import { ALL_WORKERS, type Records, workersOf } from './records.ts';

export interface OwnSources {
  readonly phase: Phase;
  readonly records: Records;
  readonly tally: Tally;
  readonly sites: { readonly all: readonly Site[] };
  /** Undefined where there is none. */
  readonly gateway: Pick<GatewayLink, 'queue'> | undefined;
  readonly log: LogStats;
}

/** What the statistics tell beyond uWSGI's. The scoreboard was refreshed before. */
export function takeOwn(sources: OwnSources): OwnStats {
  const { phase, records, tally, sites } = sources;
  const all = tally.allDistributions;
  return {
    state: phase,
    started_at: records.startedAt,
    latency: records.latencies.over(ALL_WORKERS, all.times, performance.now()),
    responses: all.byStatus,
    applications: sites.all.map((site) => applicationStats(site, sources)),
    restarts: records.restarts.figures,
    reloads: records.reloads.figures,
    log: sources.log,
  };
}

function applicationStats({ name, applications, pool }: Site, { records, tally, gateway }: OwnSources): ApplicationStats {
  const { requests, exceptions, bytesSent } = tally.countersOf(name);
  const distributions = tally.distributionsOf(name);
  const now = performance.now();
  const { length = 0, ageMs = 0 } = gateway?.queue(name) ?? {};
  const mountpoints = applications.map(({ mountpoint }) => mountpoint);
  return {
    mountpoint: mountpoints[0] ?? name,
    mountpoints,
    workers: pool.workers.length,
    busy: pool.workers.filter((worker) => tally.isBusy(worker)).length,
    requests,
    exceptions,
    responses: distributions.byStatus,
    tx: bytesSent,
    rss: pool.workers.reduce((sum, { pid }) => sum + records.memory.of(pid, now).rss, 0),
    latency: records.latencies.over(workersOf(name), distributions.times, now),
    queue: length,
    queue_age_ms: ageMs,
  };
}
