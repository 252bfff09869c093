import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../log/log.ts';
import type { LogFile } from '../log/log-file.ts';
import type { Plan } from '../plan/plan.ts';
import type { ScoreboardReader } from '../stats/scoreboard.ts';
import type { Tally } from '../stats/tally.ts';
import type { Pool } from '../workers/pool.ts';
import { watchAge } from '../workers/recycling.ts';
import { RequestWatch } from '../workers/request-watch.ts';
import { Scaler } from '../workers/scaler.ts';
import type { Action } from './actions.ts';
import { watchCertificates } from './certificates.ts';
import type { HookRunner } from './hooks.ts';
import { watchIdleness } from './idle.ts';
import { watchLog } from './log-watch.ts';
import { TouchWatch } from './touch.ts';

export interface WatchesPorts {
  readonly pool: Pool;
  readonly scoreboard: ScoreboardReader;
  readonly tally: Tally;
  /** Requests that wait in the gateway. */
  readonly queueLength: () => number;
  /** The server does not idle now: it sleeps, or it does not serve. */
  readonly isResting: () => boolean;
  readonly hooks: Pick<HookRunner, 'attempt'>;
  readonly logFile: LogFile;
  readonly lookAtCertificates: () => void;
  readonly ask: (action: Action, because: string) => void;
  readonly log: Log;
}

type Stop = () => void;

/** One thing that is looked at by the clock, and the part of the plan that it goes by. */
interface Watch<Part> {
  readonly part: (plan: Plan) => Part;
  readonly start: (part: Part, ports: WatchesPorts) => Stop;
}

const WATCHES: readonly Watch<unknown>[] = [
  watch(({ workers: { harakiriMs, slowMs } }) => ({ harakiriMs, slowMs }), watchRequests),
  watch(
    ({ workers }) => workers.recycling,
    (recycling, { pool }) => watchAge(recycling, pool),
  ),
  watch(({ workers }) => workers.scaling, watchLoad),
  watch(({ workers }) => workers.idle, watchIdleness),
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
];

/** Whatever the server looks at by the clock: the running requests, the age and the size of workers, the load, touched files. */
export class Watches {
  readonly #ports: WatchesPorts;
  readonly #running = new Map<Watch<unknown>, { readonly part: unknown; readonly stop: Stop }>();

  constructor(ports: WatchesPorts) {
    this.#ports = ports;
  }

  /** Goes by this plan from now on. What it does not change is not disturbed: a file that was just touched is still seen. */
  follow(plan: Plan): void {
    for (const watch of WATCHES) {
      const part = watch.part(plan);
      const before = this.#running.get(watch);
      if (before !== undefined && isDeepStrictEqual(before.part, part)) continue;
      before?.stop();
      this.#running.set(watch, { part, stop: watch.start(part, this.#ports) });
    }
  }

  stop(): void {
    for (const { stop } of this.#running.values()) stop();
    this.#running.clear();
  }
}

function watch<Part>(part: (plan: Plan) => Part, start: (part: Part, ports: WatchesPorts) => Stop): Watch<unknown> {
  return { part, start: (value, ports) => start(value as Part, ports) };
}

function watchRequests(limits: { harakiriMs: number; slowMs: number }, { pool, scoreboard, tally, log }: WatchesPorts): Stop {
  // Without a limit of ours, too: the application may give one to a request (uwsgi.set_user_harakiri).
  const requests = new RequestWatch(limits, { pool, scoreboard, overran: ({ id }) => tally.harakiri(id), log });
  return () => requests.stop();
}

function watchLoad(scaling: Plan['workers']['scaling'], { pool, scoreboard, queueLength, log }: WatchesPorts): Stop {
  if (scaling === undefined) return nothing;
  const scaler = new Scaler(scaling, { pool, scoreboard, queueLength, log });
  return () => scaler.stop();
}

function watchFiles(paths: readonly string[], action: Action, ask: WatchesPorts['ask']): Stop {
  if (paths.length === 0) return nothing;
  const files = new TouchWatch(paths, (path) => ask(action, `${path}, which was touched`));
  return () => files.stop();
}

/** `hook-touch` and `touch-exec`. */
function watchForHooks(touched: Plan['hooks']['touched'], { hooks }: WatchesPorts): Stop {
  if (touched.length === 0) return nothing;
  const files = new TouchWatch(
    touched.map(({ path }) => path),
    (path) => void hooks.attempt(touched.filter((each) => each.path === path).map(({ step }) => step)),
  );
  return () => files.stop();
}

const nothing: Stop = () => undefined;
