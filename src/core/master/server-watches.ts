import type { LogFile } from '../log/log-file.ts';
import type { Plan } from '../plan/plan.ts';
import { watchIdleness } from '../sites/idle.ts';
import { nothing, type Stop, watch, type Watch } from '../sites/watches.ts';
import type { ScoreboardReader } from '../stats/scoreboard.ts';
import type { Tally } from '../stats/tally.ts';
import { TouchWatch } from '../util/touch.ts';
import { watchAge, type AgePorts } from '../workers/recycling.ts';
import { RequestWatch, type WatchPorts } from '../workers/request-watch.ts';
import type { Action } from './actions.ts';
import { watchCertificates } from './certificates.ts';
import type { HookRunner } from './hooks.ts';
import { watchLog } from './log-watch.ts';
import { type PushingPorts, startPushing } from './pushing.ts';

export interface ServerWatchesPorts extends PushingPorts {
  /** The workers of all sites. */
  readonly pool: WatchPorts['pool'] & AgePorts;
  readonly scoreboard: ScoreboardReader;
  readonly tally: Tally;
  /** Requests that wait in the gateway. */
  readonly queueLength: () => number;
  /** The server serves, and is awake. */
  readonly isServing: () => boolean;
  readonly hooks: Pick<HookRunner, 'attempt'>;
  readonly logFile: LogFile;
  readonly lookAtCertificates: () => void;
  readonly ask: (action: Action, because: string) => void;
  readonly found: WatchPorts['found'];
}

/** What is done for the whole server by the clock: looking at running requests, at the age and size of workers, at touched files; sending statistics. */
export const SERVER_WATCHES: readonly Watch<ServerWatchesPorts>[] = [
  watch(({ workers: { harakiriMs, slowMs } }) => ({ harakiriMs, slowMs }), watchRequests),
  watch(
    ({ workers }) => workers.recycling,
    (recycling, { pool }) => watchAge(recycling, pool),
  ),
  watch(({ workers }) => workers.idle, watchForIdleness),
  watch(
    ({ process }) => process.touchReload,
    (paths, { ask }) => watchFiles(paths, 'reload', ask),
  ),
  watch(
    ({ process }) => process.touchChainReload,
    (paths, { ask }) => watchFiles(paths, 'chain-reload', ask),
  ),
  watch(
    ({ log: { touchReopen, touchRotate, maxBytes } }) => ({ touchReopen, touchRotate, maxBytes }),
    (part, { logFile, ask }) => watchLog(part, logFile, ask),
  ),
  watch(({ hooks }) => hooks.touched, watchForHooks),
  watch(
    ({ sockets }) => sockets.some(({ tls }) => tls !== undefined),
    (isNeeded, { lookAtCertificates }) => (isNeeded ? watchCertificates(lookAtCertificates) : nothing),
  ),
  watch(({ pushing }) => pushing, startPushing),
];

function watchRequests(limits: { harakiriMs: number; slowMs: number }, { pool, scoreboard, tally, found, log }: ServerWatchesPorts): Stop {
  // Without a limit of ours, too: the application may give one to a request (uwsgi.set_user_harakiri).
  const requests = new RequestWatch(limits, { pool, scoreboard, overran: ({ id }) => tally.harakiri(id), found, log });
  return () => requests.stop();
}

/** A server that sleeps does so site by site; one that is to end has no busy one. */
function watchForIdleness({ afterMs, then }: Plan['workers']['idle'], ports: ServerWatchesPorts): Stop {
  if (then === 'go-cheap') return nothing;
  const { scoreboard, ask } = ports;
  return watchIdleness(afterMs, { ...ports, completed: () => scoreboard.completed }, (because) => ask(then, because));
}

function watchFiles(paths: readonly string[], action: Action, ask: ServerWatchesPorts['ask']): Stop {
  if (paths.length === 0) return nothing;
  const files = new TouchWatch(paths, (path) => ask(action, `${path}, which was touched`));
  return () => files.stop();
}

/** `hook-touch` and `touch-exec`. */
function watchForHooks(touched: Plan['hooks']['touched'], { hooks }: ServerWatchesPorts): Stop {
  if (touched.length === 0) return nothing;
  const files = new TouchWatch(
    touched.map(({ path }) => path),
    (path) => void hooks.attempt(touched.filter((each) => each.path === path).map(({ step }) => step)),
  );
  return () => files.stop();
}
