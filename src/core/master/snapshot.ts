import { protocolOf } from '../plan/socket-option.ts';
import type { ApplicationSnapshot, Environs, QueueSnapshot, ServerSnapshot, SharingSnapshot, WorkerSnapshot } from '../stats/document.ts';
import type { Tally } from '../stats/tally.ts';
import { listenLimit } from '../util/listen-limit.ts';
import type { Worker } from '../workers/worker.ts';
import { type OwnSources, takeOwn } from './own-figures.ts';
import type { OpenSocket } from './sockets.ts';
import type { Sites } from '../sites/sites.ts';

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
    nowUs: Number(process.hrtime.bigint() / 1000n),
    nowEpoch: Date.now() / 1000,
  };
}

/** While one worker replaces another, the id is the one that serves. */
function snapshotOf({ id, site }: Sites['ids'][number], { sites, tally, records }: SnapshotSources): WorkerSnapshot {
  const holders = sites.workers.filter((worker) => worker.id === id);
  const worker = holders.find(({ state }) => state === 'serving') ?? holders.at(-1);
  return {
    id,
    pid: worker?.pid ?? 0,
    isAccepting: worker?.state === 'serving',
    memory: records.memory.of(worker?.pid, performance.now()),
    figures: tally.figures(id, worker),
    applications: applicationsOf({ id, site, worker }, tally),
  };
}

interface Holder {
  readonly id: number;
  readonly site: Sites['ids'][number]['site'];
  readonly worker: Worker | undefined;
}

/** What is alone has all requests of its worker; only of several it has to be known which of them had each. */
function applicationsOf({ id, site, worker }: Holder, tally: Tally): readonly ApplicationSnapshot[] {
  const { applications } = site;
  if (applications.length === 1) return applications.map((each) => ({ ...each, ...tally.figures(id, worker).total }));
  const distributions = tally.distributions(id);
  return applications.map((each) => ({ ...each, ...distributions.application(each.number) }));
}
