import type { GatewayFigures } from '../plan/gateway-plan.ts';
import type { Site } from '../sites/site.ts';
import { STATUS_CLASSES } from '../stats/distributions.ts';
import type { ApplicationStats, GatewayStats, LogStats, OwnStats, Responses } from '../stats/document.ts';
import type { Tally } from '../stats/tally.ts';
import type { GatewayLink } from './gateway-link.ts';
import type { Phase } from './phase.ts';
import { ALL_WORKERS, GATEWAY, type Records, workersOf } from './records.ts';

export interface OwnSources {
  readonly phase: Phase;
  readonly records: Records;
  readonly tally: Tally;
  readonly sites: { readonly all: readonly Site[] };
  /** Undefined where there is none. */
  readonly gateway: Pick<GatewayLink, 'queue' | 'figures' | 'processes'> | undefined;
  readonly log: LogStats;
}

/** What the statistics tell beyond uWSGI's. The scoreboard was refreshed before. */
export function takeOwn(sources: OwnSources): OwnStats {
  const { phase, records, tally, sites, gateway } = sources;
  const all = tally.allDistributions;
  return {
    state: phase,
    started_at: records.startedAt,
    latency: records.latencies.over(ALL_WORKERS, all.times, performance.now()),
    responses: gateway ? addResponses(all.byStatus, responsesOf(gateway.figures)) : all.byStatus,
    applications: sites.all.map((site) => applicationStats(site, sources)),
    ...(gateway && { gateway: gatewayStats(gateway, records) }),
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

function gatewayStats({ processes, figures }: Pick<GatewayLink, 'figures' | 'processes'>, { memory, latencies }: Records): GatewayStats {
  const now = performance.now();
  const each = processes.map(({ pid = 0, connections }) => ({ pid, connections, ...memory.of(pid, now) }));
  return {
    pid: each[0]?.pid ?? 0,
    rss: each.reduce((sum, { rss }) => sum + rss, 0),
    vsz: each.reduce((sum, { as }) => sum + as, 0),
    processes: each.map(({ pid, rss, connections }) => ({ pid, rss, connections })),
    connections: figures.connections,
    static_requests: figures.answers.file,
    routed_requests: figures.answers.rule,
    other_requests: figures.answers.other,
    offloaded_requests: figures.offloaded,
    refused: figures.refused,
    responses: responsesOf(figures),
    tx: figures.bytes,
    waiting: latencies.over(GATEWAY, Float64Array.from(figures.waiting), now),
  };
}

function responsesOf({ responses }: GatewayFigures): Responses {
  return Object.fromEntries(STATUS_CLASSES.map((statusClass, index) => [statusClass, responses[index] ?? 0])) as Responses;
}

function addResponses(one: Responses, other: Responses): Responses {
  return Object.fromEntries(STATUS_CLASSES.map((statusClass) => [statusClass, one[statusClass] + other[statusClass]])) as Responses;
}
