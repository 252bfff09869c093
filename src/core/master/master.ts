/**
 * The server's first process: owns the sockets, the children, the timers and the files, and never touches a request.
 *
 *     gateway listens ──▶ first generation is ready ──▶ serving ◀─ reload, one at a time
 *                                                         └─ stop ──▶ gateway and workers end ──▶ run() returns
 *
 * Without `--master` the same code runs unsupervised: it starts what the plan needs and replaces nothing.
 */
import { dirname, join } from 'node:path';
import { ENDED_WITHOUT_MASTER } from '../errors/exit-status.ts';
import { StoppingError } from '../errors/operate.ts';
import { ReloadError } from '../errors/workers.ts';
import { LineBuffers } from '../log/line-buffers.ts';
import type { Log } from '../log/log.ts';
import type { LogFile } from '../log/log-file.ts';
import type { Plan } from '../plan/plan.ts';
import { nameOf } from '../plan/process-names.ts';
import { buildDocument, type Environs, shapeDocument, type StatsDocument } from '../stats/document.ts';
import type { MetricsSources } from '../stats/prometheus/families.ts';
import { Journal } from '../stats/journal.ts';
import { ScoreboardReader, SlotsUsed } from '../stats/scoreboard.ts';
import { condense } from '../stats/summary.ts';
import { Tally } from '../stats/tally.ts';
import { listenLimit } from '../util/listen-limit.ts';
import { CONTROL_SOCKET } from '../util/runtime-directory.ts';
import { sendSignal } from '../util/signal.ts';
import { after } from '../util/timer.ts';
import type { ControlChannel, Hello } from '../wire/control.ts';
import { environsOf } from '../workers/environs.ts';
import { ReportServer } from '../workers/report-server.ts';
import { Seats } from '../workers/seats.ts';
import { Spawner, type SpawnerHandle, type SpawnerListener } from '../workers/spawner.ts';
import type { Worker } from '../workers/worker.ts';
import { type Action, signalActions } from './actions.ts';
import { announceBacklog, announceReady, announceSockets, announceSpawner, announceStart, announceStatistics } from './announce.ts';
import { ApplicationMetrics, type PythonRun } from './application-metrics.ts';
import { ControlServer } from './control-server.ts';
import { Doors, type DoorsChange } from './doors.ts';
import { Drain } from './drain.ts';
import type { EmperorLink } from './emperor-link.ts';
import { MasterFifo } from './fifo.ts';
import type { StartGateway } from './gateway-link.ts';
import type { LogWriter } from './log-writer.ts';
import { countApplications } from './metrics-page.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { type OperationPorts, Operations } from './operations.ts';
import type { Phase } from './phase.ts';
import { writePidFile } from './pid-file.ts';
import type { HookRunner } from './hooks.ts';
import { Records } from './records.ts';
import { mergeRequests, pathOf, reloadedPlan, type ReloadRequest, unchangeable } from './reload.ts';
import { remembered, rememberReport, rememberSlow } from './remembering.ts';
import { giveBack, type Resources } from './resources.ts';
import { directSockets, spawnerConfig } from './server-config.ts';
import { SERVER_WATCHES, type ServerWatchesPorts } from './server-watches.ts';
import { placeSharing, removeUnused, takeSharing } from './sharing.ts';
import { Signals } from './signals.ts';
import type { SiteLaunch } from '../sites/site.ts';
import { Sites, type SitesPorts } from '../sites/sites.ts';
import { takeSnapshot } from './snapshot.ts';
import { accessTo, StatsDoor, type StatsDoorPorts } from './stats-door.ts';
import { Systemd, type SystemdPorts } from './systemd.ts';
import { Watches } from '../sites/watches.ts';

export interface MasterSettings {
  readonly version: string;
  readonly plan: Plan;
  /** Reads the configuration anew for a reload. */
  readonly replan: () => Plan;
  readonly resources: Resources;
  readonly hooks: HookRunner;
  readonly log: Log;
  readonly logFile: LogFile;
  readonly logWriter: LogWriter;
  /** The environment of the Python processes, without the plan's own variables. */
  readonly environment: NodeJS.ProcessEnv;
  /** python/tsuwsgi/__main__.py of this installation. */
  readonly runtime: string;
  readonly startGateway: StartGateway;
  /** Undefined where no systemd wants to be told. */
  readonly systemd: Pick<SystemdPorts, 'socket' | 'watchdogMs'> | undefined;
  /** Whose vassal this server is, if it is one. */
  readonly emperor: EmperorLink | undefined;
  /** Called once, when the server answers. */
  readonly onReady: () => void;
}

export class Master {
  readonly #settings: MasterSettings;
  readonly #journal = new Journal();
  #plan: Plan;
  readonly #scoreboard: ScoreboardReader;
  readonly #slotsUsed: SlotsUsed;
  readonly #lineBuffers: LineBuffers;
  readonly #tally: Tally;
  readonly #records = new Records();
  readonly #sites: Sites;
  readonly #watches: Watches<ServerWatchesPorts>;
  readonly #doors: Doors;
  readonly #statsDoor: StatsDoor;
  readonly #applicationMetrics: ApplicationMetrics;
  readonly #signals = new Signals((action, signal) => this.#ask(action, signal));
  /** What has to be ended with the server, in the order of its making. */
  readonly #closers: (() => void)[] = [];
  readonly #operations: Operations;
  readonly #reloads = new OneAtATime<ReloadRequest>((request) => this.#records.reloads.observe(() => this.#reload(request)), mergeRequests);
  readonly #drain: Drain;
  #systemd: Systemd | undefined;
  #hasBegun = false;
  #isStopping = false;
  #end: (status: number) => void = () => undefined;
  readonly #ended: Promise<number>;

  constructor(given: MasterSettings) {
    const settings = { ...given, log: remembered(given.log, this.#journal) };
    const { plan, resources } = settings;
    this.#settings = settings;
    this.#plan = plan;
    this.#scoreboard = new ScoreboardReader(resources.scoreboard);
    this.#slotsUsed = new SlotsUsed(resources.scoreboard);
    this.#lineBuffers = new LineBuffers(resources.lineBuffers);
    this.#doors = new Doors({
      ...resources,
      startGateway: settings.startGateway,
      knocked: (site) => this.#sites.knocked(site),
      wanted: (application) => this.#sites.want(application),
      log: settings.log,
    });
    this.#applicationMetrics = new ApplicationMetrics(() => this.#pythonRun(), settings.log);
    this.#statsDoor = new StatsDoor(plan, resources.statsSocket, { ports: this.#statsPorts(), log: settings.log });
    this.#tally = new Tally(this.#scoreboard);
    this.#sites = new Sites(this.#sitesPorts());
    settings.logFile.onReopened = (path) => this.#reopenLog(path);
    this.#watches = new Watches(SERVER_WATCHES, this.#watchesPorts());
    this.#drain = new Drain(after);
    settings.hooks.end = (status) => this.#endBecauseOfHook(status);
    this.#operations = new Operations(this.#operationPorts());
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
    try {
      return await this.#serve();
    } finally {
      await this.#settings.hooks.attempt(this.#plan.hooks.master['as-user-atexit']);
    }
  }

  async #serve(): Promise<number> {
    this.#listenForSignals();
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

  #listenForSignals(): void {
    const { process: own, hooks } = this.#plan;
    this.#signals.follow({ ...signalActions(own.dieOnTerm), ...hooks.signals });
  }

  /** Starts the children and waits until they serve. */
  async #bringUp(): Promise<void> {
    const { log, resources, version } = this.#settings;
    if (this.#plan.process.names !== undefined) process.title = nameOf(this.#plan.process.names, 'master');
    announceStart(log, version);
    announceSockets(log, this.#doors.sockets);
    announceStatistics(log, resources.statsSocket, accessTo(this.#plan));
    announceBacklog(log, this.#plan.workers.backlog, listenLimit());
    this.#followSystemd();
    await this.#listenToOperators();
    // From the first moment on, too: whoever waits for the server to become ready may ask.
    this.#statsDoor.open();
    this.#closers.push(() => this.#statsDoor.close());
    const reports = await ReportServer.open(this.#controlPath, (hello, channel) => this.#welcome(hello, channel));
    this.#closers.push(() => reports.close());
    this.#closers.push(this.#records.keep({ tally: this.#tally, sites: this.#sites, gateway: () => this.#doors.gateway }));
    resources.children.share(this.#controlPath);
    await this.#doors.open(this.#plan);
    await this.#sites.open();
    if (this.#isStopping) return;
    await this.#settings.hooks.run(this.#plan.hooks.master['master-start']);
    this.#beginToServe();
  }

  #beginToServe(): void {
    if (this.#isStopping) return;
    this.#hasBegun = true;
    this.#followPlan();
    announceReady(this.#settings.log, this.#sites.workersWanted);
    this.#systemd?.ready();
    this.#settings.onReady();
  }

  /** From the first moment on: a start that takes long may have to be stopped. */
  async #listenToOperators(): Promise<void> {
    const { log, resources, emperor } = this.#settings;
    emperor?.follow((order, because) => this.#ask(order, because));
    this.#closers.push(() => emperor?.close());
    const control = await ControlServer.open(join(resources.directory.path, CONTROL_SOCKET), (order, because, answer) =>
      this.#operations.obey(order, because, answer),
    );
    this.#closers.push(() => control.close());
    const { masterFifo, vacuum } = this.#plan.process;
    if (!isNotEmpty(masterFifo)) return;
    const fifo = new MasterFifo(masterFifo, { ask: (action, because) => this.#ask(action, because), log });
    this.#closers.push(() => fifo.close(vacuum ? 'vacuum' : 'keep'));
  }

  #followSystemd(): void {
    const { systemd } = this.#settings;
    if (systemd === undefined) return;
    const status = (): string => `${this.#phase}: ${condense(this.#statistics())}`;
    const follower = new Systemd({ ...systemd, status, probe: async () => this.#doors.gateway?.probe() });
    this.#systemd = follower;
    this.#closers.push(() => follower.close());
  }

  get #phase(): Phase {
    if (this.#isStopping) return 'stopping';
    if (this.#drain.isRunning) return 'draining';
    if (!this.#hasBegun) return 'starting';
    return this.#operations.isPaused ? 'paused' : 'serving';
  }

  get #controlPath(): string {
    return join(this.#settings.resources.directory.path, 'master.sock');
  }

  #welcome(hello: Hello, channel: ControlChannel): void {
    if (hello.role === 'spawner') announceSpawner(this.#settings.log, hello);
    this.#sites.welcome(hello, channel);
  }

  /** What is looked at by the clock. */
  #followPlan(): void {
    this.#watches.follow(this.#plan);
    this.#sites.follow();
  }

  #watchesPorts(): ServerWatchesPorts {
    const { logFile, hooks } = this.#settings;
    return {
      pool: this.#sites,
      scoreboard: this.#scoreboard,
      tally: this.#tally,
      queueLength: () => this.#doors.gateway?.queue().length ?? 0,
      statistics: () => this.#statistics(),
      isServing: () => this.#phase === 'serving' && !this.#sites.isAsleep,
      hooks,
      logFile,
      lookAtCertificates: () => this.#doors.lookAtCertificates(),
      ask: (action, because) => this.#ask(action, because),
      found: (request) => rememberSlow(this.#journal, request, this.#sites.mountpointOf(request.worker.id)),
      // Slow requests are remembered as such, and would be most of the events.
      log: logFile.log,
    };
  }

  #sitesPorts(): SitesPorts {
    const { resources, log } = this.#settings;
    return {
      seats: new Seats(resources.scoreboard.slots),
      scoreboard: this.#scoreboard,
      tally: this.#tally,
      plan: () => this.#plan,
      launch: (launch, listener) => this.#launch(launch, listener),
      gateway: () => this.#doors.gateway,
      hasDirectDoor: () => directSockets(this.#doors.sockets).length > 0,
      signal: (pid, signal) => this.#signal(pid, signal),
      seated: (worker, site) => this.#seat(worker, site),
      left: (worker) => this.#leave(worker),
      replaced: (reason) => this.#records.restarts.count(reason),
      reloadAsked: (because) => this.#ask('reload', because),
      stopAsked: (because) => this.#ask('stop-gracefully', because),
      told: (worker, report) => rememberReport(this.#journal, worker, report),
      describeWorkers: () => ({ workers: this.#statistics().workers, queued: this.#doors.gateway?.queue().length ?? 0 }),
      isServing: () => this.#phase === 'serving',
      isStopping: () => this.#isStopping,
      deserted: (status) => this.#desert(status),
      log,
    };
  }

  #statsPorts(): StatsDoorPorts {
    return {
      document: () => this.#describe(),
      statistics: () => this.#statistics(),
      recent: () => this.#journal.recent,
      phase: () => this.#phase,
      metrics: { sources: () => this.#metricsSources(), application: this.#applicationMetrics },
      reload: () => this.#operations.perform('reload', 'the dashboard'),
    };
  }

  #seat(worker: Worker, site: string): void {
    this.#slotsUsed.note(worker.seat + worker.threads);
    this.#lineBuffers.note(worker.seat + worker.threads);
    this.#tally.sit(worker.id, worker, site);
  }

  #leave(worker: Worker): void {
    this.#tally.leave(worker.id, worker);
    if (worker.pid !== undefined) this.#applicationMetrics.forget(worker.pid);
    for (const lines of this.#lineBuffers.takeFrom(worker)) this.#settings.logWriter.logRequests(lines);
  }

  /** Every process that writes to the log opens it for itself. */
  #reopenLog(path: string): void {
    this.#doors.gateway?.reopenLog(path);
    this.#sites.reopenLog(path);
  }

  #operationPorts(): OperationPorts {
    const { log, logWriter, resources } = this.#settings;
    return {
      sites: this.#sites,
      gateway: () => this.#doors.gateway,
      reload: (request) => this.#reloads.ask(request),
      stop: (how, because) => this.#stop(how, because),
      statistics: () => this.#statistics(),
      recent: () => this.#journal.recent,
      writePidFiles: () => resources.pidFiles.map((path) => writePidFile(path)),
      get logFile() {
        return logWriter.files;
      },
      after,
      signal: (pid, signal) => this.#signal(pid, signal),
      log,
    };
  }

  #launch(launch: SiteLaunch, listener: SpawnerListener): SpawnerHandle {
    const { resources, runtime, logFile, version } = this.#settings;
    const { application } = this.#plan;
    const { sockets, gatewayPath } = this.#doors;
    const shared = placeSharing(this.#plan.sharing, resources);
    return new Spawner(
      {
        generation: launch.generation,
        interpreter: launch.site.interpreter,
        flags: application.interpreterFlags,
        prefix: resources.children.prefix,
        directory: launch.site.directory,
        runtime,
        controlPath: this.#controlPath,
        environment: this.#environment,
        logFd: logFile.fd,
        descriptors: directSockets(sockets).map(({ bound }) => bound.fd),
        config: spawnerConfig(this.#plan, launch, {
          version,
          sockets,
          gatewayPath,
          scoreboard: resources.scoreboard,
          lineBuffers: resources.lineBuffers,
          shared,
        }),
      },
      listener,
    );
  }

  /** Of the Python processes. */
  get #environment(): NodeJS.ProcessEnv {
    return { ...this.#settings.environment, ...memoryVariables(this.#plan), ...this.#plan.application.environment };
  }

  /** The first site's interpreter: all of them count in one directory, and any of them that has the library can read it. */
  #pythonRun(): PythonRun {
    const { resources, runtime } = this.#settings;
    const { sites, application } = this.#plan;
    const command = [...resources.children.prefix, sites[0]?.interpreter ?? 'python3', ...application.interpreterFlags];
    return { command, environment: this.#environment, directory: sites[0]?.directory, runtime: dirname(runtime) };
  }

  /** A child of another user that calls itself by another process's pid does not have that one killed. */
  #signal(pid: number, signal: NodeJS.Signals): void {
    if (this.#settings.resources.children.owns(pid)) sendSignal(pid, signal);
  }

  #ask(action: Action, because: string): void {
    // What goes wrong is in the log, and nobody waits for more.
    this.#operations.perform(action, because).catch(() => undefined);
  }

  async #stop(how: 'gracefully' | 'now', because: string): Promise<void> {
    await this.#leaveBalancers(how, because);
    this.#settings.log.event(`${because}: stopping ${how === 'now' ? 'at once' : 'after what is in flight'}`);
    await this.#shutDown(how);
    // A turn later: an operator who waits for the end is told of it first.
    setImmediate(() => this.#end(this.#plan.master ? 0 : ENDED_WITHOUT_MASTER));
  }

  /** A server that was ready says first that it is not any more, and serves on; a second order to stop is one not to wait. */
  async #leaveBalancers(how: 'gracefully' | 'now', because: string): Promise<void> {
    const { drainMs } = this.#plan.process;
    const mayWait = how === 'gracefully' && drainMs > 0 && this.#phase === 'serving';
    if (!mayWait) return this.#drain.cut();
    this.#settings.log.event(`${because}: not ready any more, serving on for ${drainMs / 1000} s (drain-delay)`);
    const drained = this.#drain.begin(drainMs);
    this.#systemd?.stopping(`draining: ${condense(this.#statistics())}`);
    await drained;
  }

  /** The new code and configuration beside the old, then in its place. Whatever fails leaves everything as it was. */
  async #reload({ because, how }: ReloadRequest): Promise<void> {
    if (this.#isStopping || this.#drain.isRunning) throw new StoppingError();
    const { log } = this.#settings;
    log.event(`${because}: reloading${how === 'in-chain' ? ' one worker after the other' : ''}`);
    this.#systemd?.reloading();
    if (this.#plan.log.reopenAtReload) this.#ask('reopen-log', 'log-reopen');
    const before = this.#plan;
    try {
      const next = this.#settings.resources.workingDirectory.atStart(() => this.#settings.replan());
      for (const what of unchangeable(before, next)) log.event(`${what}: changed in the configuration, in force after a restart`);
      await this.#bringIn(reloadedPlan(before, next), how);
    } catch (error) {
      this.#plan = before;
      throw new ReloadError(error as Error);
    } finally {
      if (this.#phase !== 'stopping' && this.#phase !== 'draining') this.#systemd?.ready();
    }
    this.#settle();
    log.event(`reloaded: ${this.#sites.successor}`);
  }

  async #bringIn(plan: Plan, how: ReloadRequest['how']): Promise<void> {
    const before = this.#plan;
    const changes: DoorsChange[] = [];
    let letGo: () => void;
    try {
      const { resources, logWriter } = this.#settings;
      for (const part of [resources.workingDirectory, this.#doors, this.#statsDoor, logWriter]) changes.push(await part.prepare(plan));
      this.#plan = plan;
      const sites = await this.#sites.prepare(before, how);
      letGo = await sites.commit();
    } catch (error) {
      for (const change of changes.reverse()) await change.undo();
      throw error;
    }
    for (const change of changes) await change.commit();
    letGo();
  }

  /** Goes by the plan in whatever is no worker's matter. */
  #settle(): void {
    const { process: own, log } = this.#plan;
    if (own.names !== undefined) process.title = nameOf(own.names, 'master');
    this.#settings.logFile.follow(log, pathOf(log));
    removeUnused(this.#plan.sharing, this.#settings.resources);
    this.#listenForSignals();
    this.#followPlan();
  }

  /** Ends the gateway and the workers, then everything else. Asked a second time, `now` overtakes `gracefully`. */
  async #shutDown(how: 'gracefully' | 'now'): Promise<void> {
    this.#isStopping = true;
    this.#systemd?.stopping('finishing what is in flight');
    const drained = this.#sites.stop(how);
    // Whoever waits in the gateway when the last worker is gone, or when there never was one, is told so and not waited for.
    void drained.then(() => this.#sites.turnAway());
    await this.#doors.gateway?.stop(how);
    this.#sites.gatewayStopped();
    await drained;
    this.#watches.stop();
    this.#signals.stop();
    for (const close of this.#closers.splice(0).reverse()) close();
    const { resources, log, logWriter } = this.#settings;
    // Nobody else writes any more, and its pipes go with the directory.
    await logWriter.close();
    giveBack(resources, { sockets: this.#doors.sockets, statsSocket: this.#statsDoor.bound }, this.#plan.process.vacuum ? log : undefined);
  }

  /** The hook `exit`. */
  #endBecauseOfHook(status: number): void {
    if (!this.#isStopping) void this.#shutDown('now').then(() => this.#end(status));
  }

  /** Without a master nobody replaces the last worker: then there is nothing left to serve with. The server ends as it did, as in uWSGI. */
  #desert(status: number): void {
    this.#settings.log.event('no worker is left and nothing replaces them without --master: stopping');
    void this.#shutDown('now').then(() => this.#end(status));
  }

  /** For those who read them from outside: requests that run for long with all their variables. */
  async #describe(): Promise<string> {
    const environs = await environsOf(this.#sites.workers, this.#scoreboard, { now: () => performance.now(), after });
    return shapeDocument(this.#statistics(environs), this.#plan.statsForm);
  }

  #statistics(environs: Environs = new Map()): StatsDocument {
    const { version } = this.#settings;
    const { backlog } = this.#plan.workers;
    this.#scoreboard.refresh();
    const snapshot = takeSnapshot({
      version,
      directory: this.#settings.resources.workingDirectory.path,
      sockets: this.#doors.sockets,
      tally: this.#tally,
      sites: this.#sites,
      records: this.#records,
      environs,
      phase: this.#phase,
      gateway: this.#doors.gateway,
      backlog,
      queue: this.#doors.gateway && { ...this.#doors.gateway.queue(), limit: this.#plan.gateway.queueLimit },
      isPaused: this.#operations.isPaused,
      sharing: takeSharing(this.#plan.sharing, this.#settings.resources),
      log: { dropped: this.#settings.logFile.dropped + this.#lineBuffers.dropped },
    });
    return buildDocument(snapshot);
  }

  #metricsSources(): MetricsSources {
    const queue = this.#doors.gateway?.figures;
    return { document: this.#statistics(), applications: countApplications(this.#sites.all, this.#tally), queue };
  }
}

function isNotEmpty<Item>(items: readonly Item[]): items is readonly [Item, ...Item[]] {
  return items.length > 0;
}

/** glibc sets 64 MB of address space aside for each thread's own heap: under limit-as that would be the application's. */
function memoryVariables({ workers }: Plan): NodeJS.ProcessEnv {
  return workers.limitAsBytes > 0 ? { MALLOC_ARENA_MAX: '1' } : {};
}
