import { protocolOf } from '../plan/socket-option.ts';
import type { QueueSnapshot, ServerSnapshot, SharingSnapshot, WorkerSnapshot } from '../stats/document.ts';
import type { Tally } from '../stats/tally.ts';
import { listenLimit } from '../util/listen-limit.ts';
import type { OpenSocket } from './sockets.ts';
import type { Sites } from '../sites/sites.ts';

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

/** While one worker replaces another, the id is the one that serves. */
function snapshotOf({ id, site }: Sites['ids'][number], { sites, tally }: SnapshotSources): WorkerSnapshot {
  const holders = sites.workers.filter((worker) => worker.id === id);
  const worker = holders.find(({ state }) => state === 'serving') ?? holders.at(-1);
  return {
    id,
    pid: worker?.pid ?? 0,
    isAccepting: worker?.state === 'serving',
    figures: tally.figures(id, worker),
    application: { mountpoint: site.mountpoint, startupSeconds: site.startupSeconds },
  };
}
