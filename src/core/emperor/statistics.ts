/** The state of an emperor as uWSGI's emperor-stats tells it. Times are seconds since 1970, 0 is never. */
import type { Vassal } from './vassal.ts';
import { YOUNG_MS } from './throttle.ts';

export interface EmperorStats {
  readonly version: string;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly cwd: string;
  readonly emperor: readonly string[];
  readonly emperor_tyrant: 0 | 1;
  /** The longest pause of a vassal that is held back, in milliseconds. */
  readonly throttle_level: number;
  readonly vassals: readonly VassalStats[];
  readonly blacklist: readonly HeldBackStats[];
}

interface VassalStats {
  readonly id: string;
  /** 0 while none runs. */
  readonly pid: number;
  readonly born: number;
  readonly last_mod: number;
  readonly last_heartbeat: number;
  /** It has served for a while. */
  readonly loyal: 0 | 1;
  readonly ready: 0 | 1;
  readonly accepting: 0 | 1;
  readonly last_loyal: number;
  readonly last_ready: number;
  readonly last_accepting: number;
  readonly first_run: number;
  readonly last_run: number;
  /** When it was told to stop, or died young. */
  readonly cursed: number;
  readonly zerg: 0;
  readonly on_demand: '';
  readonly uid: number;
  readonly gid: number;
  readonly monitor: string;
  readonly respawns: number;
}

/** A vassal that dies young. */
interface HeldBackStats {
  readonly id: string;
  /** Milliseconds. */
  readonly throttle_level: number;
  readonly attempt: number;
  readonly first_attempt: number;
  readonly last_attempt: number;
}

export interface EmperorSnapshot {
  readonly version: string;
  readonly monitors: readonly string[];
  readonly isTyrant: boolean;
  readonly vassals: readonly Pick<Vassal, 'file' | 'state' | 'pid' | 'times' | 'throttle' | 'respawns'>[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function emperorStats({ version, monitors, isTyrant, vassals, now }: EmperorSnapshot): EmperorStats {
  const heldBack = vassals.filter(({ throttle }) => throttle.deaths > 0);
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  return {
    version,
    pid: process.pid,
    ...own,
    cwd: process.cwd(),
    emperor: monitors,
    emperor_tyrant: isTyrant ? 1 : 0,
    throttle_level: Math.max(0, ...heldBack.map(({ throttle }) => throttle.pauseMs)),
    vassals: vassals.map((vassal) => statsOf(vassal, isTyrant ? vassal.file.owner : own, now)),
    blacklist: heldBack.map(({ file, throttle, times }) => ({
      id: file.id,
      throttle_level: throttle.pauseMs,
      attempt: throttle.deaths,
      first_attempt: seconds(times.firstRun),
      last_attempt: seconds(times.lastRun),
    })),
  };
}

function statsOf(
  { file, state, pid, times, respawns }: EmperorSnapshot['vassals'][number],
  { uid, gid }: { uid: number; gid: number },
  now: number,
): VassalStats {
  const ready = state === 'serving' ? 1 : 0;
  const hasServed = ready === 1 && now - times.ready >= YOUNG_MS;
  const loyal = times.loyal || (hasServed ? times.ready + YOUNG_MS : 0);
  return {
    id: file.id,
    pid,
    born: seconds(times.born),
    last_mod: file.modifiedAt,
    last_heartbeat: seconds(times.heartbeat),
    loyal: loyal > 0 ? 1 : 0,
    ready,
    accepting: ready,
    last_loyal: seconds(loyal),
    last_ready: seconds(times.ready),
    last_accepting: seconds(times.ready),
    first_run: seconds(times.firstRun),
    last_run: seconds(times.lastRun),
    cursed: seconds(times.cursed),
    zerg: 0,
    on_demand: '',
    uid,
    gid,
    monitor: file.monitor,
    respawns,
  };
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
