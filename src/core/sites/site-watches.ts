import type { Log } from '../log/log.ts';
import type { Plan } from '../plan/plan.ts';
import type { ScoreboardReader } from '../stats/scoreboard.ts';
import type { Pool } from '../workers/pool.ts';
import { Scaler } from '../workers/scaler.ts';
import { watchIdleness } from './idle.ts';
import { nothing, type Stop, watch, type Watch } from './watches.ts';

export interface SiteWatchesPorts {
  readonly pool: Pool;
  readonly scoreboard: Pick<ScoreboardReader, 'refresh' | 'slots'>;
  /** Requests that its workers have completed so far. */
  readonly completed: () => number;
  /** Requests for it that wait in the gateway. */
  readonly queueLength: () => number;
  /** The server serves, and this site is awake. */
  readonly isServing: () => boolean;
  readonly goToSleep: (because: string) => void;
  readonly log: Log;
}

/** What is looked at for each site by the clock: its load, and whether anybody asks for it. */
export const SITE_WATCHES: readonly Watch<SiteWatchesPorts>[] = [
  watch(({ workers }) => workers.scaling, watchLoad),
  watch(({ workers }) => workers.idle, watchForIdleness),
];

function watchLoad(scaling: Plan['workers']['scaling'], ports: SiteWatchesPorts): Stop {
  if (scaling === undefined) return nothing;
  const scaler = new Scaler(scaling, ports);
  return () => scaler.stop();
}

function watchForIdleness({ afterMs, then }: Plan['workers']['idle'], { goToSleep, ...ports }: SiteWatchesPorts): Stop {
  return then === 'go-cheap' ? watchIdleness(afterMs, ports, goToSleep) : nothing;
}
