import { protocolOf } from '../plan/socket-option.ts';
import type { QueueSnapshot, ServerSnapshot, SharingSnapshot, WorkerSnapshot } from '../stats/document.ts';
import { Distributions } from '../stats/distributions.ts';
import type { ApplicationCounts } from '../stats/prometheus/families.ts';
import type { Figures, Tally } from '../stats/tally.ts';
import { listenLimit } from '../util/listen-limit.ts';
import type { OpenSocket } from './sockets.ts';
import type { Sites } from '../sites/sites.ts';
import type { Worker } from '../workers/worker.ts';

export interface SnapshotSources {
  readonly version: string;
  /** Where the server works. */
  readonly directory: string;
  readonly sockets: readonly OpenSocket[];
  readonly tally: Tally;
  readonly sites: Pick<Sites, 'ids' | 'workers'>;
  readonly backlog: number;
  /** Undefined where there is no gateway. */
  readonly queue: QueueSnapshot | undefined;
  readonly isPaused: boolean;
  readonly sharing: SharingSnapshot;
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
      queue: plan.door === 'gateway' ? queue : undefined,
    })),
    workers: sources.sites.ids.map((place) => snapshotOf(place, sources)),
    isPaused,
    sharing,
    nowUs: Number(process.hrtime.bigint() / 1000n),
    nowEpoch: Date.now() / 1000,
  };
}

/** What the requests of each site were like, over all of its worker ids. Call `refresh` of the scoreboard before. */
export function countApplications(sites: Pick<Sites, 'ids' | 'workers'>, tally: Tally): readonly ApplicationCounts[] {
  const names = new Set(sites.ids.map(({ site }) => site.name));
  return [...names].map((name) => {
    const own = sites.ids.filter(({ site }) => site.name === name).map(({ id }) => ({ id, holder: holderOf(id, sites.workers) }));
    const figures = own.map(({ id, holder }) => tally.figures(id, holder));
    const sumOf = (value: (each: Figures) => number): number => figures.reduce((sum, each) => sum + value(each), 0);
    return {
      mountpoint: sites.ids.find(({ site }) => site.name === name)?.site.mountpoint ?? '',
      distributions: own.reduce((sum, { id, holder }) => sum.plus(tally.distributions(id, holder)), Distributions.none()),
      runningTimeUs: sumOf(({ total }) => total.runningTimeUs),
      bytesSent: sumOf(({ total }) => total.bytesSent),
      exceptions: sumOf(({ total }) => total.exceptions),
      harakiris: sumOf(({ harakiris }) => harakiris),
    };
  });
}

function snapshotOf({ id, site }: Sites['ids'][number], { sites, tally }: SnapshotSources): WorkerSnapshot {
  const worker = holderOf(id, sites.workers);
  return {
    id,
    pid: worker?.pid ?? 0,
    isAccepting: worker?.state === 'serving',
    figures: tally.figures(id, worker),
    application: { mountpoint: site.mountpoint, startupSeconds: site.startupSeconds },
  };
}

/** While one worker replaces another, the id is the one that serves. */
function holderOf(id: number, workers: readonly Worker[]): Worker | undefined {
  const holders = workers.filter((worker) => worker.id === id);
  return holders.find(({ state }) => state === 'serving') ?? holders.at(-1);
}
