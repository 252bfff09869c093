import { protocolOf } from '../plan/socket-option.ts';
import type { SiteApplication } from '../sites/site.ts';
import type { Sites } from '../sites/sites.ts';
import type { Distributions } from '../stats/distributions.ts';
import { scoreboardTimeUs } from '../stats/scoreboard.ts';
import type { ApplicationSnapshot, Environs, QueueSnapshot, ServerSnapshot, SharingSnapshot, WorkerSnapshot } from '../stats/snapshot.ts';
import type { Counters } from '../stats/tally.ts';
import { listenLimit } from '../util/listen-limit.ts';
import { type OwnSources, takeOwn } from './own-figures.ts';
import type { OpenSocket } from './sockets.ts';

export interface SnapshotSources extends OwnSources {
  readonly version: string;
  /** Where the server works. */
  readonly directory: string;
  readonly sockets: readonly OpenSocket[];
  readonly sites: Pick<Sites, 'ids' | 'workers' | 'all'>;
  readonly backlog: number;
  /** Undefined where there is no gateway. */
  readonly queue: QueueSnapshot | undefined;
  readonly isPaused: boolean;
  readonly sharing: SharingSnapshot;
  readonly environs: Environs;
}

/** The server as it is now, for the statistics. */
export function takeSnapshot(sources: SnapshotSources): ServerSnapshot {
  const { version, directory, sockets, queue, isPaused, sharing } = sources;
  const backlog = Math.min(sources.backlog, listenLimit() ?? Infinity);
  return {
    version,
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    directory,
    sockets: sockets.map(({ plan, bound }) => ({
      name: bound.name,
      protocol: protocolOf(plan.option),
      backlog,
      waiting: plan.door === 'gateway' ? undefined : sources.records.backlog.of(bound.fd, performance.now()),
      queue: plan.door === 'gateway' ? queue : undefined,
    })),
    workers: sources.sites.ids.map((place) => snapshotOf(place, sources)),
    isPaused,
    sharing,
    own: takeOwn(sources),
    environs: sources.environs,
    nowUs: scoreboardTimeUs(),
    nowEpoch: Date.now() / 1000,
  };
}

/** While one worker replaces another, the id is the one that serves. */
function snapshotOf({ id, site }: Sites['ids'][number], { sites, tally, records }: SnapshotSources): WorkerSnapshot {
  const holders = sites.workers.filter((worker) => worker.id === id);
  const worker = holders.find(({ state }) => state === 'serving') ?? holders.at(-1);
  const figures = tally.figures(id, worker);
  const distributions = tally.distributions(id);
  return {
    id,
    pid: worker?.pid ?? 0,
    isAccepting: worker?.state === 'serving',
    memory: records.memory.of(worker?.pid, performance.now()),
    figures,
    signals: distributions.signals,
    handles: worker?.handles,
    applications: countEach(site.applications, figures.total, distributions),
  };
}

/** What is alone has all requests of its worker; only of several it has to be known which of them had each. */
function countEach(
  applications: readonly SiteApplication[],
  total: Counters,
  distributions: Distributions,
): readonly ApplicationSnapshot[] {
  if (applications.length === 1) return applications.map((each) => ({ ...each, ...total }));
  return applications.map((each) => ({ ...each, ...distributions.application(each.number) }));
}
