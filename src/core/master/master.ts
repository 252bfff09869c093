/**
 * The server's first process: owns the sockets, the children, the timers and the files, and never touches a request.
 *
 *     gateway listens ──▶ first generation is ready ──▶ serving ◀─ reload, one at a time
 *                                                         └─ stop ──▶ gateway and workers end ──▶ run() returns
 *
 * Without `--master` the same code runs unsupervised: it starts what the plan needs and replaces nothing.
 */
import { join } from 'node:path';
import { ENDED_WITHOUT_MASTER } from '../errors/exit-status.ts';
import { ReloadError } from '../errors/workers.ts';
import type { Log } from '../log/log.ts';
import type { Plan } from '../plan/plan.ts';
import { buildDocument, formatDocument } from '../stats/document.ts';
import { ScoreboardReader } from '../stats/scoreboard.ts';
import { StatsServer } from '../stats/server.ts';
import { Tally } from '../stats/tally.ts';
import { after } from '../util/timer.ts';
import type { ControlChannel, Hello } from '../wire/control.ts';
import { HarakiriWatch } from '../workers/harakiri.ts';
import { Pool, type PoolPorts } from '../workers/pool.ts';
import { Reception } from '../workers/reception.ts';
import { Spawner, type SpawnerHandle, type SpawnerListener } from '../workers/spawner.ts';
import { type Action, signalActions } from './actions.ts';
import { announceGateway, announceLoaded, announceReady, announceSockets, announceSpawner, announceStart } from './announce.ts';
import type { GatewayLink, StartGateway } from './gateway-link.ts';
import { giveBack, type Resources } from './resources.ts';
import { directSockets, gatewayPlan, spawnerConfig } from './server-config.ts';
import { listenForSignals } from './signals.ts';
import { takeSnapshot } from './snapshot.ts';
import { TouchWatch } from './touch.ts';
import { unchangeable } from './unchangeable.ts';

export interface MasterSettings {
  readonly version: string;
  readonly plan: Plan;
  /** Reads the configuration anew for a reload. */
  readonly replan: () => Plan;
  readonly resources: Resources;
  readonly log: Log;
  readonly logFd: number;
  /** The environment of the Python processes, without the plan's own variables. */
  readonly environment: NodeJS.ProcessEnv;
  /** python/tsuwsgi/__main__.py of this installation. */
  readonly runtime: string;
  readonly startGateway: StartGateway;
  /** Called once, when the server answers. */
  readonly onReady: () => void;
}

export class Master {
  readonly #settings: MasterSettings;
  #plan: Plan;
  readonly #scoreboard: ScoreboardReader;
  readonly #tally: Tally;
  readonly #pool: Pool;
  #gateway: GatewayLink | undefined;
  /** What has to be ended with the server, in the order of its making. */
  readonly #closers: (() => void)[] = [];
  /** The reload that runs; more of them asked for meanwhile become one. */
  #reloading: Promise<void> | undefined;
  #isReloadQueued = false;
  #isStopping = false;
  #startupSeconds = 0;
  #end: (status: number) => void = () => undefined;
  readonly #ended: Promise<number>;

  constructor(settings: MasterSettings) {
    const { plan, resources } = settings;
    this.#settings = settings;
    this.#plan = plan;
    this.#scoreboard = new ScoreboardReader(resources.scoreboard);
    this.#tally = new Tally(this.#scoreboard, plan.workers.threads);
    this.#pool = new Pool({ ...plan.workers, seats: resources.scoreboard.seats, supervise: plan.master }, this.#poolPorts());
    this.#pool.onDeserted = () => this.#desert();
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /**
   * Serves until it is told to stop. Returns the exit status.
   *
   * @throws TsuwsgiError when it cannot come up; then nothing of it is left.
   */
  async run(): Promise<number> {
    this.#closers.push(listenForSignals(signalActions(this.#plan.process.dieOnTerm), (action, signal) => this.#ask(action, signal)));
    try {
      await this.#bringUp();
    } catch (error) {
      // Told to stop while it came up: what failed is only the consequence.
      if (this.#isStopping) return this.#ended;
      await this.#shutDown('now');
      throw error;
    }
    return this.#ended;
  }

  /** Starts the children and waits until they serve. */
  async #bringUp(): Promise<void> {
    const { log, resources, version } = this.#settings;
    announceStart(log, version);
    announceSockets(log, resources);
    const reception = await Reception.open(this.#controlPath, (hello, channel) => this.#welcome(hello, channel));
    this.#closers.push(() => reception.close());
    if (resources.slots !== undefined) {
      this.#gateway = this.#settings.startGateway(gatewayPlan(this.#plan, resources.slots.fd, resources));
      await this.#gateway.ready;
      announceGateway(log, this.#gateway.pid);
    }
    await this.#pool.renew();
    if (this.#isStopping) return;
    this.#startWatches();
    announceReady(log, this.#plan.workers.processes);
    this.#settings.onReady();
  }

  get #controlPath(): string {
    return join(this.#settings.resources.directory.path, 'master.sock');
  }

  #welcome(hello: Hello, channel: ControlChannel): void {
    if (hello.role === 'spawner') announceSpawner(this.#settings.log, hello);
    this.#pool.welcome(hello, channel);
  }

  #startWatches(): void {
    const { log, resources } = this.#settings;
    if (resources.statsSocket !== undefined) {
      const server = new StatsServer(resources.statsSocket.fd, () => this.#statsDocument());
      this.#closers.push(() => server.close());
    }
    if (this.#plan.workers.harakiriMs > 0) {
      const watch = new HarakiriWatch(this.#plan.workers.harakiriMs, { pool: this.#pool, scoreboard: this.#scoreboard, log });
      this.#closers.push(() => watch.stop());
    }
    if (this.#plan.process.touchReload.length > 0) {
      const watch = new TouchWatch(this.#plan.process.touchReload, (path) => this.#ask('reload', `${path}, which was touched`));
      this.#closers.push(() => watch.stop());
    }
  }

  #poolPorts(): PoolPorts {
    const { log } = this.#settings;
    return {
      launch: (generation, listener) => this.#launch(generation, listener),
      retireAtGateway: (seat) => this.#gateway?.retire(seat),
      signal: sendSignal,
      seated: ({ id, seat }) => this.#tally.sit(id, seat),
      left: ({ id, seat }) => this.#tally.leave(id, seat),
      condemned: ({ id }) => this.#tally.harakiri(id),
      loaded: (name, seconds) => {
        this.#startupSeconds = seconds;
        announceLoaded(log, this.#plan.application, { name, seconds });
      },
      now: () => performance.now(),
      after,
      log,
    };
  }

  #launch(generation: number, listener: SpawnerListener): SpawnerHandle {
    const { resources, environment, runtime, logFd, version } = this.#settings;
    const { application } = this.#plan;
    return new Spawner(
      {
        generation,
        interpreter: application.interpreter,
        runtime,
        controlPath: this.#controlPath,
        environment: { ...environment, ...memoryVariables(this.#plan), ...application.environment },
        logFd,
        descriptors: directSockets(resources.sockets).map(({ bound }) => bound.fd),
        config: spawnerConfig(this.#plan, resources, version),
      },
      listener,
    );
  }

  #ask(action: Action, because: string): void {
    if (action === 'reload') return this.#askReload(because);
    this.#settings.log.event(`${because}: stopping ${action === 'stop-now' ? 'at once' : 'after what is in flight'}`);
    void this.#shutDown(action === 'stop-now' ? 'now' : 'gracefully').then(() => this.#end(this.#plan.master ? 0 : ENDED_WITHOUT_MASTER));
  }

  #askReload(because: string): void {
    if (this.#isStopping) return;
    if (this.#reloading !== undefined) {
      this.#isReloadQueued = true;
      return;
    }
    this.#settings.log.event(`${because}: reloading`);
    this.#reloading = this.#reload().finally(() => {
      this.#reloading = undefined;
      if (!this.#isReloadQueued) return;
      this.#isReloadQueued = false;
      this.#askReload('asked again meanwhile');
    });
  }

  /** The new code and configuration beside the old, then in its place. Whatever fails leaves everything as it was. */
  async #reload(): Promise<void> {
    const { log } = this.#settings;
    const before = this.#plan;
    try {
      const next = this.#settings.replan();
      for (const what of unchangeable(before, next)) log.event(`${what}: changed in the configuration, in force after a restart`);
      this.#plan = { ...before, application: next.application, workers: { ...before.workers, ...reloadable(next) } };
      await this.#pool.renew();
      log.event(`reloaded: ${this.#plan.workers.processes} new workers serve`);
    } catch (error) {
      this.#plan = before;
      log.event(new ReloadError(error as Error).message);
    }
  }

  /** Ends the gateway and the workers, then everything else. Asked a second time, `now` overtakes `gracefully`. */
  async #shutDown(how: 'gracefully' | 'now'): Promise<void> {
    this.#isStopping = true;
    const drained = this.#pool.stop(how);
    await this.#gateway?.stop(how);
    this.#pool.gatewayStopped();
    await drained;
    for (const close of this.#closers.splice(0).reverse()) close();
    giveBack(this.#settings.resources, { vacuum: this.#plan.process.vacuum, log: this.#settings.log });
  }

  /** Without a master nobody replaces the last worker: then there is nothing left to serve with. */
  #desert(): void {
    this.#settings.log.event('no worker is left and nothing replaces them without --master: stopping');
    void this.#shutDown('now').then(() => this.#end(1));
  }

  #statsDocument(): string {
    const { version, resources } = this.#settings;
    const { processes, backlog } = this.#plan.workers;
    this.#scoreboard.refresh();
    const snapshot = takeSnapshot({
      version,
      resources,
      tally: this.#tally,
      workers: this.#pool.workers,
      processes,
      backlog,
      queueLength: this.#gateway?.queueLength ?? 0,
      startupSeconds: this.#startupSeconds,
    });
    return formatDocument(buildDocument(snapshot));
  }
}

/** What of the workers' settings the next generation is told. */
function reloadable({ workers: { maxRequests, limitAsBytes, logRequests } }: Plan): Partial<Plan['workers']> {
  return { maxRequests, limitAsBytes, logRequests };
}

/** glibc sets 64 MB of address space aside for each thread's own heap: under limit-as that would be the application's. */
function memoryVariables({ workers }: Plan): NodeJS.ProcessEnv {
  return workers.limitAsBytes > 0 ? { MALLOC_ARENA_MAX: '1' } : {};
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended by itself, which is what we were after.
  }
}
