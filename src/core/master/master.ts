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
import { StoppingError } from '../errors/operate.ts';
import { ReloadError } from '../errors/workers.ts';
import type { Log } from '../log/log.ts';
import type { LogFile } from '../log/log-file.ts';
import type { Plan } from '../plan/plan.ts';
import { nameOf } from '../plan/process-names.ts';
import { Sites, type SitesPorts } from '../sites/sites.ts';
import { Watches } from '../sites/watches.ts';
import { listenLimit } from '../util/listen-limit.ts';
import { CONTROL_SOCKET } from '../util/runtime-directory.ts';
import { sendSignal } from '../util/signal.ts';
import { after } from '../util/timer.ts';
import type { ControlChannel, Hello } from '../wire/control.ts';
import { ReportServer } from '../workers/report-server.ts';
import { Seats } from '../workers/seats.ts';
import { Spawner } from '../workers/spawner.ts';
import { type Action, signalActions } from './actions.ts';
import { announceBacklog, announceReady, announceSockets, announceSpawner, announceStart, announceStatistics } from './announce.ts';
import { ControlServer } from './control-server.ts';
import { Doors } from './doors.ts';
import { Drain } from './drain.ts';
import type { EmperorLink } from './emperor-link.ts';
import { MasterFifo } from './fifo.ts';
import type { StartGateway } from './gateway-link.ts';
import type { HookRunner } from './hooks.ts';
import { type PythonSettings, spawnerLaunch } from './launching.ts';
import { removeLeftovers } from './leftovers.ts';
import type { LogWriter } from './log-writer.ts';
import { Observatory, type ObservedServer } from './observatory.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { type OperationPorts, Operations } from './operations.ts';
import type { Phase } from './phase.ts';
import { writePidFile } from './pid-file.ts';
import type { PreparedChange } from './prepared-change.ts';
import { mergeRequests, pathOf, reloadedPlan, type ReloadRequest, unchangeable } from './reload.ts';
import { giveBack, type Resources } from './resources.ts';
import { directSockets } from './server-config.ts';
import { SERVER_WATCHES, type ServerWatchesPorts } from './server-watches.ts';
import { removeUnused } from './sharing.ts';
import { Signals } from './signals.ts';
import { accessTo, StatsDoor, type StatsDoorPorts } from './stats-door.ts';
import { Systemd, type SystemdPorts } from './systemd.ts';

/** After the start: what other servers have left does not hold up the first requests. */
const CLEANING_DELAY_MS = 1000;

export interface MasterSettings extends PythonSettings {
  readonly version: string;
  readonly plan: Plan;
  /** Reads the configuration anew for a reload. */
  readonly replan: () => Plan;
  readonly resources: Resources;
  readonly hooks: HookRunner;
  readonly log: Log;
  readonly logFile: LogFile;
  readonly logWriter: LogWriter;
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
  #plan: Plan;
  readonly #observatory: Observatory;
  readonly #sites: Sites;
  readonly #watches: Watches<ServerWatchesPorts>;
  readonly #doors: Doors;
  readonly #statsDoor: StatsDoor;
  readonly #signals = new Signals((action, signal) => this.#ask(action, signal));
  /** What has to be ended with the server, in the order of its making. */
  readonly #closers: (() => void)[] = [];
  readonly #operations: Operations;
  readonly #reloads = new OneAtATime<ReloadRequest>(
    (request) => this.#observatory.observeReload(() => this.#reload(request)),
    mergeRequests,
  );
  readonly #drain: Drain;
  #systemd: Systemd | undefined;
  #hasBegun = false;
  #isStopping = false;
  #end: (status: number) => void = () => undefined;
  readonly #ended: Promise<number>;

  constructor(given: MasterSettings) {
    this.#observatory = new Observatory(given, this.#observed());
    const settings = { ...given, log: this.#observatory.log };
    const { plan, resources } = settings;
    this.#settings = settings;
    this.#plan = plan;
    this.#doors = new Doors({
      ...resources,
      startGateway: settings.startGateway,
      knocked: (site) => this.#sites.knocked(site),
      wanted: (application) => this.#sites.want(application),
      heldUp: (holdup) => this.#sites.handBack(holdup),
      log: settings.log,
    });
    this.#statsDoor = new StatsDoor(plan, resources.statsSocket, { ports: this.#statsPorts(), log: settings.log });
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
    this.#closers.push(this.#observatory.keep());
    resources.children.share(this.#controlPath);
    // Python starts while the gateway does; nobody serves before both are up.
    const doors = this.#doors.open(this.#plan);
    await Promise.all([doors, this.#sites.open(doors)]);
    if (this.#isStopping) return;
    await this.#settings.hooks.run(this.#plan.hooks.master['master-start']);
    this.#beginToServe();
  }

  #beginToServe(): void {
    if (this.#isStopping) return;
    this.#hasBegun = true;
    this.#followPlan();
    announceReady(this.#settings.log, this.#sites.workersWanted);
    const cleaning = after(CLEANING_DELAY_MS, () => void removeLeftovers());
    this.#closers.push(() => cleaning.cancel());
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
    const status = (): string => `${this.#phase}: ${this.#observatory.summary}`;
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

  #observed(): ObservedServer {
    return {
      plan: () => this.#plan,
      sites: () => this.#sites,
      doors: () => this.#doors,
      phase: () => this.#phase,
      isPaused: () => this.#operations.isPaused,
    };
  }

  #watchesPorts(): ServerWatchesPorts {
    const { logFile, hooks } = this.#settings;
    return {
      ...this.#observatory.ofWatches,
      pool: this.#sites,
      isServing: () => this.#phase === 'serving' && !this.#sites.isAsleep,
      hooks,
      logFile,
      lookAtCertificates: () => this.#doors.lookAtCertificates(),
      ask: (action, because) => this.#ask(action, because),
      // Slow requests are remembered as such, and would be most of the events.
      log: logFile.log,
    };
  }

  #sitesPorts(): SitesPorts {
    const { resources, log } = this.#settings;
    return {
      ...this.#observatory.ofSites,
      seats: new Seats(resources.scoreboard.slots),
      plan: () => this.#plan,
      launch: (launch, listener) => {
        const settings = { ...this.#settings, doors: this.#doors, controlPath: this.#controlPath };
        return new Spawner(spawnerLaunch(this.#plan, launch, settings), listener);
      },
      gateway: () => this.#doors.gateway,
      hasDirectDoor: () => directSockets(this.#doors.sockets).length > 0,
      signal: (pid, signal) => this.#signal(pid, signal),
      reloadAsked: (because) => this.#ask('reload', because),
      stopAsked: (because) => this.#ask('stop-gracefully', because),
      isServing: () => this.#phase === 'serving',
      isStopping: () => this.#isStopping,
      deserted: (status) => this.#desert(status),
      log,
    };
  }

  #statsPorts(): StatsDoorPorts {
    return { ...this.#observatory.ofStatsDoor, reload: () => this.#operations.perform('reload', 'the dashboard') };
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
      statistics: () => this.#observatory.statistics(),
      describe: () => this.#observatory.describe(),
      recent: () => this.#observatory.recent,
      writePidFiles: () => resources.pidFiles.map((path) => writePidFile(path)),
      get logFile() {
        return logWriter.files;
      },
      now: () => performance.now(),
      after,
      signal: (pid, signal) => this.#signal(pid, signal),
      log,
    };
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
    this.#systemd?.stopping(`draining: ${this.#observatory.summary}`);
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
    const changes: PreparedChange[] = [];
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
}

function isNotEmpty<Item>(items: readonly Item[]): items is readonly [Item, ...Item[]] {
  return items.length > 0;
}
