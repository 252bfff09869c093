import type { Log } from '../log/log.ts';
import type { Plan } from '../plan/plan.ts';
import type { SitePlan } from '../plan/sites.ts';
import type { Tally } from '../stats/tally.ts';
import { after } from '../util/timer.ts';
import { Pool, type PoolChange, type PoolPorts } from '../workers/pool.ts';
import type { SpawnerHandle, SpawnerListener } from '../workers/spawner.ts';
import type { Worker } from '../workers/worker.ts';
import { announceLoaded, type Loaded } from './announce.ts';
import { AppSignals } from './app-signals.ts';
import { processesAfter } from './processes-after.ts';
import type { SiteGateway } from './site-gateway.ts';
import { SITE_WATCHES, type SiteWatchesPorts } from './site-watches.ts';
import { Sleep } from './sleep.ts';
import { Watches } from './watches.ts';

/** How a spawner of a site is to be started. */
export interface SiteLaunch {
  readonly site: SitePlan;
  readonly generation: number;
  /** An application that cannot be loaded is a failure. */
  readonly needApp: boolean;
}

/** One of the applications of a site, for the statistics. */
export interface SiteApplication {
  /** The log's `app`. */
  readonly number: number;
  readonly mountpoint: string;
  /** Where it is loaded and runs, where that is a place of its own; else empty. */
  readonly directory: string;
  /** That its import took; 0 where each worker imports it. */
  readonly startupSeconds: number;
}

/** What the sites of a server are given to act with. */
export interface SitePorts
  extends
    Pick<PoolPorts, 'seats' | 'numberGeneration' | 'hasDirectDoor' | 'signal' | 'left' | 'replaced'>,
    Pick<PoolPorts, 'reloadAsked' | 'stopAsked' | 'told' | 'describeWorkers'>,
    Pick<SiteWatchesPorts, 'scoreboard' | 'isServing'> {
  /** The plan of the server: while a reload is prepared, the one that is coming. */
  readonly plan: () => Plan;
  launch(launch: SiteLaunch, listener: SpawnerListener): SpawnerHandle;
  /** Undefined where there is none, or not yet. */
  readonly gateway: () => SiteGateway | undefined;
  /** A worker of this site took a seat. */
  seated(worker: Worker, site: string): void;
  /** The worker id of a site's worker of this rank. */
  idOf(site: string, rank: number): number;
  readonly tally: Pick<Tally, 'countersOf'>;
  /** Whether other applications serve, when one cannot be loaded. */
  isAlone(): boolean;
  readonly isStopping: () => boolean;
  readonly log: Log;
}

/** The workers of the applications that share an interpreter: they come, sleep, are reloaded and go apart from those of others. */
export class Site {
  readonly pool: Pool;
  readonly sleep: Sleep;
  readonly signals: AppSignals;
  readonly #ports: SitePorts;
  readonly #log: Log;
  readonly #watches: Watches<SiteWatchesPorts>;
  #plan: SitePlan;
  #loaded: Loaded | undefined;

  constructor(plan: SitePlan, ports: SitePorts) {
    const { workers, master } = ports.plan();
    this.#plan = plan;
    this.#ports = ports;
    this.#log = this.#labelled(ports.log);
    const processes = workers.scaling?.initial ?? workers.processes;
    // Its worker ids are in one row.
    ports.idOf(plan.name, workers.processes);
    this.pool = new Pool({ ...workers, processes, supervise: master }, this.#poolPorts());
    this.signals = new AppSignals({ pool: this.pool, log: this.#log });
    this.sleep = new Sleep({
      pool: this.pool,
      gateway: () => this.#door,
      size: () => this.#size,
      isStopping: ports.isStopping,
      now: () => performance.now(),
      after,
      log: this.#log,
    });
    this.#watches = new Watches(SITE_WATCHES, this.#watchesPorts());
  }

  get name(): string {
    return this.#plan.name;
  }

  /** Workers that it has or may come to have. */
  get size(): number {
    return Math.max(this.#ports.plan().workers.processes, this.pool.wanted);
  }

  /** What its workers run, as far as it could be loaded; all that they should, where nothing could. */
  get applications(): readonly SiteApplication[] {
    const { mounted, directory = '' } = this.#plan;
    const { names, times } = this.#loaded ?? { names: [], times: [] };
    const all = mounted.map(({ number, mountpoint }, index) => ({ number, mountpoint, directory, startupSeconds: times[index] ?? 0 }));
    const loaded = all.filter((_, index) => names[index] !== '');
    return loaded.length === 0 ? all : loaded;
  }

  /** One of its applications could be loaded, so far as anybody tried. */
  get isSound(): boolean {
    return this.#loaded === undefined || this.#plan.mounted.length === 0 || this.#loaded.names.some((name) => name !== '');
  }

  /** Comes up for the first time, or sleeps where the plan wants that. Does not serve before the `doors` are open. */
  async open(doors: Promise<void>): Promise<void> {
    if (this.#ports.plan().workers.idle.startsAsleep) {
      await doors;
      await this.sleep.fallAsleep();
      return;
    }
    const { commit, undo } = await this.pool.prepare();
    try {
      await doors;
    } catch (error) {
      undo();
      throw error;
    }
    await commit();
  }

  /** Goes by the plan of the server in what is looked at by the clock. */
  follow(): void {
    this.#watches.follow(this.#ports.plan());
  }

  /**
   * New code and configuration beside what is there.
   *
   * @param before the plan of the server that was in force until now
   * @throws as `Pool.prepare`; then nothing has changed
   */
  async prepare(plan: SitePlan, before: Plan, how: 'together' | 'in-chain'): Promise<PoolChange> {
    const known = this.#plan;
    this.#plan = plan;
    const after = this.#ports.plan();
    const processes = processesAfter(this.pool.wanted, before, after);
    try {
      const { commit, undo } = await this.sleep.prepare(how, { ...after.workers, processes });
      const restore = (): void => {
        this.#plan = known;
        undo();
      };
      return { commit, undo: restore };
    } catch (error) {
      this.#plan = known;
      throw error;
    }
  }

  /** Ends its workers; settled when all are gone. `because` is told to whoever waits for one. */
  async stop(how: 'gracefully' | 'now', because: string): Promise<void> {
    this.sleep.end(because);
    // It does not scale or go to sleep on its way out.
    this.#watches.stop();
    await this.pool.stop(how);
    this.signals.stop();
  }

  /** Without a master its last worker is gone: requests for it are refused while others serve. */
  desert(): void {
    const because = 'no worker is left and nothing replaces it without --master';
    this.#log.event(`${because}: its requests are answered 503`);
    this.#watches.stop();
    this.sleep.end(because);
    this.sleep.knocked();
  }

  get #size() {
    const { workers } = this.#ports.plan();
    return { ...workers, processes: workers.scaling?.initial ?? this.pool.wanted };
  }

  get #door() {
    const gateway = this.#ports.gateway();
    const { name } = this;
    return (
      gateway && {
        watch: () => gateway.watch(name),
        refuse: (reason: string, why: 'stopping' | 'broken') => {
          gateway.refuse({ site: name, status: why === 'broken' && this.#plan.isNamed ? 500 : 503, reason });
        },
      }
    );
  }

  #poolPorts(): PoolPorts {
    const ports = this.#ports;
    const { name } = this;
    return {
      seats: ports.seats,
      idOf: (rank) => ports.idOf(name, rank),
      numberGeneration: ports.numberGeneration,
      hasDirectDoor: ports.hasDirectDoor,
      launch: (generation, listener) => ports.launch({ site: this.#plan, generation, needApp: this.#needsApp }, listener),
      retireAtGateway: (seat, pid) => ports.gateway()?.retire({ site: name, seat, pid }),
      signal: ports.signal,
      seated: (worker) => ports.seated(worker, name),
      left: ports.left,
      replaced: ports.replaced,
      knocked: () => this.sleep.knocked(),
      watchLost: (reason) => this.sleep.watchLost(reason),
      reloadAsked: ports.reloadAsked,
      stopAsked: ports.stopAsked,
      told: ports.told,
      registered: (generation, words) => this.signals.learn(generation, words),
      raised: (signal) => this.signals.raise(signal),
      serves: (generation) => this.signals.follow(generation),
      describeWorkers: ports.describeWorkers,
      loaded: ({ names, seconds, times }) => {
        this.#loaded = { names, seconds, times };
        announceLoaded(ports.log, { mounted: this.#plan.mounted, lazy: ports.plan().application.lazy }, this.#loaded);
      },
      now: () => performance.now(),
      after,
      log: this.#log,
    };
  }

  /** One that is broken among others answers 500 and hurts nobody; new code that is worse than the old is none. */
  get #needsApp(): boolean {
    const { needApp } = this.#ports.plan().application;
    if (this.#plan.isNamed) return true;
    return needApp && (this.#ports.isAlone() || (this.#loaded !== undefined && this.isSound));
  }

  #watchesPorts(): SiteWatchesPorts {
    const { scoreboard, tally, gateway, isServing } = this.#ports;
    return {
      pool: this.pool,
      scoreboard,
      completed: () => tally.countersOf(this.name).requests,
      queueLength: () => gateway()?.queue(this.name).length ?? 0,
      isServing: () => isServing() && !this.sleep.isAsleep,
      goToSleep: (because) => void this.#goToSleep(because),
      log: this.#log,
    };
  }

  async #goToSleep(because: string): Promise<void> {
    try {
      if (await this.sleep.fallAsleep()) {
        this.#log.event(`${because}: asleep: the workers finish what they run, the next request starts new ones`);
      }
    } catch (error) {
      this.#log.event(`${because}: ${(error as Error).message}`);
    }
  }

  /** Where there are several sites, lines tell of which they are. */
  #labelled(log: Log): Log {
    const event = (text: string): void =>
      log.event(this.#ports.isAlone() && !this.#plan.isNamed ? text : `${this.name === '' ? '/' : this.name}: ${text}`);
    return { line: (text) => log.line(text), event };
  }
}
