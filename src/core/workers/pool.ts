/**
 * The workers of one application, and the generations of its code.
 *
 * Level-triggered: whatever happened, `#reconcile` compares who holds each rank with what is wanted and forks what is
 * missing. So there is no case for each reason why a worker left. No process is touched here: how to launch, kill and
 * wait is given.
 */
import { StoppingError } from '../errors/operate.ts';
import { NoRoomError } from '../errors/workers.ts';
import type { RestartReason } from '../stats/restarts.ts';
import type { ControlChannel, ControlReport, ExceptionReport, Hello, ShownReport, SignalWord } from '../wire/control.ts';
import { Brake } from './brake.ts';
import { Chain } from './chain.ts';
import { Crew, type CrewPorts, type Ending } from './crew.ts';
import { Edits } from './edits.ts';
import { Generation, type GenerationSize } from './generation.ts';
import type { Seats } from './seats.ts';
import type { SpawnerHandle, SpawnerListener } from './spawner.ts';
import type { Worker } from './worker.ts';

export interface PoolSettings {
  /** Workers wanted at first; `scale` changes that. */
  readonly processes: number;
  readonly threads: number;
  /** How long a worker may finish what it runs when it is to go. */
  readonly mercyMs: number;
  /** A worker younger than this is not replaced for its limits. */
  readonly minLifetimeMs: number;
  /** Replace what dies: with a master. */
  readonly supervise: boolean;
}

/** What a new generation may bring along. */
export type Renewal = Pick<PoolSettings, 'processes' | 'threads' | 'mercyMs' | 'minLifetimeMs'>;

/** A new generation that is ready, until one of the two is called. */
export interface PoolChange {
  /** It serves, and the one before it goes. Settled when the workers of that one accept nothing more. */
  readonly commit: () => Promise<void>;
  /** It goes without having served. */
  readonly undo: () => void;
}

/** What a pool is given to act with. */
export interface PoolPorts extends Pick<CrewPorts, 'retireAtGateway' | 'signal' | 'seated' | 'idOf' | 'now' | 'after' | 'log'> {
  /** Those of the whole server. */
  readonly seats: Seats;
  /** Clients come to the workers themselves, at some address. */
  hasDirectDoor(): boolean;
  /** A number that no generation of any pool has had. */
  numberGeneration(): number;
  launch(generation: number, listener: SpawnerListener): SpawnerHandle;
  /** A worker has left its seat: who counts may note the figures, as when it was `seated`. */
  left(worker: Worker): void;
  /** One that is gone was replaced, or will be. */
  replaced(reason: RestartReason): void;
  /** A worker asks for a reload. */
  reloadAsked(because: string): void;
  /** A worker asks for the end of the server. */
  stopAsked(because: string): void;
  /** A worker tells of one of its requests. */
  told(worker: Worker, report: ExceptionReport | ShownReport): void;
  /** The application of a generation has registered signals. */
  registered(generation: number, words: readonly SignalWord[]): void;
  /** A worker wants the handler of a signal run. */
  raised(signal: number): void;
  /** This generation serves now; undefined when the pool sleeps. */
  serves(generation: number | undefined): void;
  /** All workers, and the metrics, as the statistics have them. */
  describeWorkers(): { readonly workers: readonly object[]; readonly metrics: object; readonly queued: number };
  /** Once after each time that the workers were sent to sleep: a client waits at a direct door. */
  knocked(): void;
  /** Nobody looks at the direct doors of the sleeping server any more. */
  watchLost(reason: string): void;
  /** A generation has imported its applications. */
  loaded(loaded: Pick<Extract<ControlReport, { type: 'loaded' }>, 'names' | 'seconds' | 'times'>): void;
}

/** How long a reload waits for the old workers to close their doors: one that hangs is not to hold it up. */
const RETIREMENT_MS = 1000;
/** How long a worker that was sent a signal waits for its successor to be started. */
const GROUP_SIGNAL_MS = 100;
/** So many workers may die before they are ready until their generation is given up. */
const STILLBIRTHS_ALLOWED = 3;
/** An old and a new generation, and the workers of one before that are still draining. */
export const SEATS_PER_WORKER = 3;
/** A reload that takes longer says so. */
const PATIENCE_MS = 60_000;
/** Between two attempts to replace a spawner that died. */
const RECOVERY_PAUSE_MS = 2000;

export class Pool {
  #settings: PoolSettings;
  readonly #ports: PoolPorts;
  readonly #crew: Crew;
  readonly #brake = new Brake();
  readonly #edits = new Edits();
  /** Ranks whose next worker has to wait for the brake. */
  readonly #braked = new Set<number>();
  readonly #generations = new Map<number, Generation>();
  /** The generation that serves. */
  #current: Generation | undefined;
  /** The one that takes its place worker by worker. */
  #chain: Chain | undefined;
  /** While all workers sleep and there are direct doors: the one that will wake. Its spawner looks at them and has imported nothing. */
  #sleeper: Generation | undefined;
  /** Settled when the generation that comes up now has done so, or failed. */
  #renewing: Promise<void> | undefined;
  /** Where the log went on the last time that it was opened anew. */
  #logPath: string | undefined;
  /** A new generation takes the place of one whose spawner died. */
  #isRecovering = false;
  #isStopping = false;
  #whenEmpty: () => void = () => undefined;
  #tellOfRetirement: () => void = () => undefined;
  /** Called when, without a master, the last worker is gone, with the status that it ended with. */
  onDeserted: (status: number) => void = () => undefined;

  constructor(settings: PoolSettings, ports: PoolPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#crew = new Crew(ports.seats, this.#crewPorts());
  }

  /** How many workers are wanted. */
  get wanted(): number {
    return this.#current?.wanted ?? this.#settings.processes;
  }

  /**
   * Changes how many workers are wanted, between one and a third of what the scoreboard has room for. New ones are forked; those with the highest ids go, when
   * they have finished what they run.
   *
   * @returns how many are wanted now
   */
  scale(wanted: number): number {
    const most = Math.floor(this.#crew.roomFor(this.#settings.threads) / SEATS_PER_WORKER);
    const possible = Math.min(Math.max(1, wanted), Math.max(this.#settings.processes, most));
    this.#settings = { ...this.#settings, processes: possible };
    for (const generation of this.#generations.values()) generation.wanted = possible;
    this.#reconcile();
    for (const { number } of this.#generations.values()) if (!this.#isServing(number)) this.#checkPrepared(number);
    return possible;
  }

  /** Whether this generation is one of the pool's, and not over with all its workers. */
  has(generation: number): boolean {
    return this.#generations.has(generation);
  }

  /** Every worker process there is, in the order of their birth. */
  get workers(): readonly Worker[] {
    return this.#crew.all;
  }

  /**
   * Brings up a new generation beside the one that serves: `together` switches over when all its workers are ready, `in-chain`
   * puts each of them in place of its predecessor before the next is forked.
   *
   * @throws ApplicationError when it cannot be brought up; then everything is or becomes as it was. NoRoomError for too many threads.
   */
  async renew(how?: 'together' | 'in-chain', renewal?: Renewal): Promise<void> {
    const change = await this.prepare(how, renewal);
    await change.commit();
  }

  /**
   * The same in two steps: the new generation is ready and does not serve until the change is committed, so that several pools may be renewed
   * together or not at all. Of those that take over `in-chain`, each serves before.
   *
   * @throws as `renew`
   */
  async prepare(how: 'together' | 'in-chain' = 'together', renewal: Renewal = this.#settings): Promise<PoolChange> {
    while (this.#renewing !== undefined) await this.#renewing;
    const endTurn = this.#takeTurn();
    try {
      this.#checkRoom(renewal);
      const generation = this.#launch(renewal);
      generation.spawner?.load();
      if (how === 'in-chain' && this.#current !== undefined) this.#chain = new Chain(generation);
      await this.#prepared(generation);
      return this.#changeTo(generation, renewal, endTurn);
    } catch (error) {
      endTurn();
      throw error;
    }
  }

  #changeTo(generation: Generation, renewal: Renewal, endTurn: () => void): PoolChange {
    return {
      commit: async () => {
        this.#settings = { ...this.#settings, ...renewal, processes: generation.wanted };
        await this.#serveWith(generation).finally(endTurn);
      },
      undo: () => {
        this.#abandon(generation);
        endTurn();
      },
    };
  }

  /**
   * Sends every worker away when it has finished what it runs, and with the last of them the spawner that imported the application. Where
   * there are direct doors, a bare one takes its place and calls `knocked`. Asked for while all sleep already, it is exchanged for a new one.
   *
   * @param size what the pool wakes up with
   * @param waiting what becomes of those who wait at a direct door by then: they are to be `served`, or `refused` with a 503
   * @throws ApplicationError when the bare spawner cannot be started; then everything is as it was. NoRoomError for too many threads.
   */
  async sleep(size: Renewal, waiting: 'served' | 'refused' = 'served'): Promise<void> {
    await this.#oneAtATime(async () => {
      this.#checkRoom(size);
      const sleeper = this.#ports.hasDirectDoor() ? await this.#postSentry(size) : undefined;
      this.#settings = { ...this.#settings, ...size };
      this.#sendToSleep(sleeper);
      if (waiting === 'refused') sleeper?.spawner?.refuse();
      sleeper?.spawner?.watch();
    });
  }

  /** Somebody has to look at the direct doors when no worker does. */
  async #postSentry(size: Renewal): Promise<Generation> {
    const sleeper = this.#launch(size);
    await this.#unlessItFails(sleeper, sleeper.listening);
    // The load may have changed it for the workers that are going now.
    sleeper.wanted = size.processes;
    return sleeper;
  }

  /**
   * The end of a sleep. Each worker serves as soon as it is ready. Settled when one does.
   *
   * @throws ApplicationError when that becomes hopeless; then no worker is there, and nobody at the direct doors: let the pool sleep again.
   */
  async wake(): Promise<void> {
    await this.#oneAtATime(async () => {
      const generation = this.#sleeper ?? this.#launch(this.#settings);
      this.#sleeper = undefined;
      generation.quorum = 1;
      generation.spawner?.load();
      await this.#prepared(generation);
      await this.#serveWith(generation);
    });
  }

  #sendToSleep(sleeper: Generation | undefined): void {
    for (const generation of this.#generations.values()) generation.isOver = generation !== sleeper;
    this.#current = undefined;
    this.#ports.serves(undefined);
    this.#sleeper = sleeper;
    for (const worker of this.workers) this.#crew.happens(worker, 'retire');
    this.#dismissSpawners();
  }

  async #oneAtATime(action: () => Promise<void>): Promise<void> {
    while (this.#renewing !== undefined) await this.#renewing;
    const endTurn = this.#takeTurn();
    await action().finally(endTurn);
  }

  /** Returns how to end it. */
  #takeTurn(): () => void {
    if (this.#isStopping) throw new StoppingError();
    let end = (): void => undefined;
    this.#renewing = new Promise((resolve) => {
      end = () => {
        this.#renewing = undefined;
        resolve();
      };
    });
    return end;
  }

  #checkRoom({ processes, threads }: Renewal): void {
    const room = this.#crew.roomFor(threads);
    if (room < SEATS_PER_WORKER * processes) throw new NoRoomError(processes, threads);
  }

  async #prepared(generation: Generation): Promise<void> {
    const patience = this.#ports.after(PATIENCE_MS, () => this.#tellOfWaiting(generation));
    await this.#unlessItFails(generation, generation.prepared).finally(() => patience.cancel());
  }

  async #serveWith(generation: Generation): Promise<void> {
    this.#switchTo(generation);
    // It may have died while it waited for its turn.
    if (generation.spawner?.hasExited === true && this.#settings.supervise) void this.#recover();
    await this.#retirementOfOthers(generation);
  }

  /** An import may take that long, or hang: only an operator can tell, and reloads wait for it. */
  #tellOfWaiting({ spawner }: Generation): void {
    if (spawner?.pid === undefined || spawner.hasExited) return;
    const what = this.#current === undefined ? 'the application' : 'the new code';
    this.#showStack(spawner.pid, `${what} is not ready after ${PATIENCE_MS / 1000} s; to give it up: kill -9 ${spawner.pid}`);
  }

  #showStack(pid: number, why: string): void {
    this.#ports.log.event(`${why}; its Python stack:`);
    this.#ports.signal(pid, 'SIGUSR2');
  }

  async #unlessItFails(generation: Generation, stage: Promise<void>): Promise<void> {
    try {
      await stage;
    } catch (error) {
      this.#abandon(generation);
      throw error;
    }
  }

  /** Settled when the workers of other generations accept nothing more, so that whoever asks now is served by this one. */
  #retirementOfOthers({ number }: Generation): Promise<void> {
    const others = this.workers.filter(({ generation }) => generation !== number);
    return new Promise((resolve) => {
      const deadline = this.#ports.after(RETIREMENT_MS, resolve);
      this.#tellOfRetirement = () => {
        if (others.some(({ hasRetired, state }) => !hasRetired && state !== 'gone')) return;
        deadline.cancel();
        resolve();
      };
      this.#tellOfRetirement();
    });
  }

  /** A worker's or a spawner's process connected. */
  welcome(hello: Hello, channel: ControlChannel): void {
    // It may have been started with the log before the last change.
    const logPath = this.#logPath;
    if (hello.role === 'spawner') {
      const spawner = this.#generations.get(hello.generation)?.spawner;
      spawner?.attach(channel);
      if (logPath !== undefined) spawner?.reopenLog(logPath);
    } else {
      this.#crew.welcome(hello, channel);
      if (logPath !== undefined) channel.send({ type: 'reopen-log', path: logPath });
    }
  }

  /** Workers take no requests, those included that are yet to come; what runs is finished. */
  pause(): void {
    this.#crew.pause();
  }

  /** The end of a pause. */
  resume(): void {
    this.#crew.resume();
  }

  /** The log goes on in what is at this path now. */
  reopenLog(path: string): void {
    this.#logPath = path;
    this.#crew.tell({ type: 'reopen-log', path });
    for (const generation of this.#generations.values()) generation.spawner?.reopenLog(path);
  }

  /** A request runs too long and does not let itself be interrupted: the stacks of the worker go to the log, and it takes no more requests. */
  condemn(worker: Worker): void {
    if (!this.#settings.supervise) this.#braked.add(worker.rank);
    worker.fate = 'harakiri';
    this.#crew.condemn(worker);
    this.#reconcile();
  }

  /** The end of a worker that was condemned: nothing is left in it that could be saved. */
  putDown(worker: Worker): void {
    this.#crew.happens(worker, 'hang');
  }

  /** A worker has become a danger to the others by its size: it is killed with all that it runs. `reason` completes "worker 1 …". */
  kill(worker: Worker, reason: string): void {
    worker.fate = 'memory';
    this.#crew.kill(worker, reason);
  }

  /** A worker has reached one of its limits: it goes when its successor serves, and not before min-worker-lifetime. `because` completes "worker 1 …". */
  replace(worker: Worker, reason: RestartReason, because: string): void {
    const waitMs = this.#settings.minLifetimeMs - (this.#ports.now() - worker.bornAt);
    if (waitMs > 0) this.#ports.after(waitMs, () => this.#launchSuccessor(worker, reason, because));
    else this.#launchSuccessor(worker, reason, because);
  }

  /** Ends every worker: `gracefully` lets them finish what they run. Settled when all are gone. */
  async stop(how: 'gracefully' | 'now'): Promise<void> {
    this.#isStopping = true;
    const empty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
    for (const generation of this.#generations.values()) generation.fail('the server is stopping', 1);
    if (how === 'gracefully') this.#crew.tell({ type: 'clear-doors' });
    for (const worker of this.workers) this.#crew.happens(worker, how === 'now' ? 'stop' : 'retire');
    if (this.workers.length > 0) await empty;
    for (const generation of this.#generations.values()) generation.spawner?.stop();
  }

  /** The gateway has stopped for good: slots that wait for it need not. */
  gatewayStopped(): void {
    this.#crew.tell({ type: 'gateway-stopped' });
  }

  #crewPorts(): CrewPorts {
    return {
      ...this.#ports,
      // A gateway that stops with the server has its own way to finish what is in flight.
      retiring: ({ seat, pid }) => {
        if (!this.#isStopping && pid !== undefined) this.#ports.retireAtGateway(seat, pid);
      },
      heard: (worker, report) => this.#hearWorker(worker, report),
      seatFree: this.#refill,
      ended: (worker, ending) => this.#ended(worker, ending),
      mercyMs: () => this.#settings.mercyMs,
    };
  }

  #launch(size: GenerationSize): Generation {
    const stillbirthsAllowed = this.#settings.supervise ? STILLBIRTHS_ALLOWED : 0;
    const generation = new Generation(this.#ports.numberGeneration(), size, stillbirthsAllowed);
    this.#generations.set(generation.number, generation);
    generation.spawner = this.#ports.launch(generation.number, {
      onReport: (report) => this.#hearSpawner(generation, report),
      onExit: (reason, status) => this.#spawnerExited(generation, reason, status),
      onStuck: (pid) => this.#showStack(pid, `a warm-up cannot be interrupted: killing pid ${pid}`),
      onWarmupDied: (reason) => this.#ports.log.event(`${reason} in a warm-up: the application is loaded again without warm-ups`),
    });
    return generation;
  }

  #hearSpawner(generation: Generation, report: ControlReport): void {
    switch (report.type) {
      case 'listening':
        return generation.listens();
      case 'knock':
        if (generation === this.#sleeper) this.#ports.knocked();
        return;
      case 'loaded':
        generation.isLoaded = true;
        this.#ports.loaded(report);
        this.#ports.registered(generation.number, report.signals);
        return this.#reconcile();
      case 'failed':
        return generation.fail(report.reason, report.status);
      case 'forked':
      case 'exited':
        return this.#crew.hearOf(report);
      default:
        return;
    }
  }

  #hearWorker(worker: Worker, report: ControlReport): void {
    switch (report.type) {
      case 'ready':
        return this.#isReady(worker);
      case 'retired':
        worker.hasRetired = true;
        return this.#tellOfRetirement();
      case 'reload':
        if (this.#isToReload(worker, report)) this.#ports.reloadAsked(report.because);
        return;
      case 'stop':
        return this.#ports.stopAsked(report.because);
      case 'register':
      case 'alarm':
        return this.#ports.registered(worker.generation, [report]);
      case 'signal':
        return this.#ports.raised(report.number);
      case 'handles':
        worker.handles = report.number ?? undefined;
        return;
      case 'workers':
        return worker.channel?.send({ type: 'workers', ...this.#ports.describeWorkers() });
      case 'failed':
        return this.#generations.get(worker.generation)?.fail(report.reason, report.status);
      case 'replace':
        // A signal to the whole process group or control group reaches the master as well, a moment later, and then it is a stop.
        if (report.why === 'limit') return this.replace(worker, report.limit, report.reason);
        this.#ports.after(GROUP_SIGNAL_MS, () => this.#launchSuccessor(worker, 'asked', 'was told to go by a signal'));
        return;
      case 'exception':
      case 'shown':
        return this.#ports.told(worker, report);
      case 'environs':
        return worker.environs.hear(report.environs);
      case 'stacks':
        return worker.stacks.hear(report.text);
      default:
        return;
    }
  }

  #isToReload(worker: Worker, { because, editedAt }: Extract<ControlReport, { type: 'reload' }>): boolean {
    if (editedAt === undefined) return true;
    // One that is on its way out has seen what its successors were made for.
    return worker.state === 'serving' && this.#isServing(worker.generation) && this.#edits.isNews(because, editedAt);
  }

  #isReady(worker: Worker): void {
    this.#crew.happens(worker, 'ready');
    if (this.#isServing(worker.generation)) this.#takeOver(worker);
    else this.#checkPrepared(worker.generation);
  }

  /** Whether the workers of this generation serve as soon as they are ready. */
  #isServing(generation: number): boolean {
    return generation === this.#current?.number || generation === this.#chain?.generation.number;
  }

  #checkPrepared(number: number): void {
    const generation = this.#generations.get(number);
    if (generation === undefined) return;
    const waiting = this.#crew.of(generation).filter(({ state }) => state === 'waiting');
    if (waiting.length >= Math.min(generation.wanted, generation.quorum)) generation.succeed();
  }

  /** The successor serves first, then the one before it goes. */
  #takeOver(successor: Worker): void {
    this.#crew.happens(successor, 'serve');
    for (const worker of this.workers) {
      if (worker === successor || worker.rank !== successor.rank || this.#isAhead(worker, successor)) continue;
      if (worker.generation !== successor.generation) worker.fate ??= 'reload';
      this.#crew.happens(worker, 'retire');
    }
    if (this.#chain !== undefined) this.#reconcile();
  }

  /** In a chain reload, whether this worker is to succeed the other, which only took a dead one's place. */
  #isAhead(worker: Worker, other: Worker): boolean {
    const next = this.#chain?.generation.number;
    return worker.generation === next && other.generation !== next;
  }

  #switchTo(generation: Generation): void {
    if (this.#isStopping) return;
    if (this.#current !== undefined) this.#current.isOver = true;
    this.#chain = undefined;
    this.#current = generation;
    this.#ports.serves(generation.number);
    const old = this.workers.filter((worker) => worker.generation !== generation.number);
    for (const worker of this.#crew.of(generation)) this.#crew.happens(worker, 'serve');
    for (const worker of old) {
      worker.fate ??= this.#isRecovering ? 'other' : 'reload';
      this.#crew.happens(worker, 'retire');
    }
    this.#dismissSpawners();
    this.#reconcile();
  }

  /** A generation that could not be prepared leaves nothing behind. Those that a chain reload let serve go when they are succeeded. */
  #abandon(generation: Generation): void {
    generation.isOver = true;
    if (this.#chain?.generation === generation) this.#chain = undefined;
    for (const worker of this.#crew.of(generation)) if (worker.state !== 'serving') this.#crew.happens(worker, 'stop');
    this.#dismissSpawners();
    this.#reconcile();
  }

  /** The spawner of a generation that is over goes after its last worker, since it is the one to tell how they ended. */
  #dismissSpawners(): void {
    for (const generation of this.#generations.values()) {
      if (!generation.isOver || this.#crew.of(generation).length > 0) continue;
      this.#generations.delete(generation.number);
      generation.spawner?.stop();
    }
  }

  #launchSuccessor(worker: Worker, reason: RestartReason, because: string): void {
    if (worker.isLeaving || worker.state !== 'serving' || this.#isStopping || !this.#settings.supervise) return;
    worker.isLeaving = true;
    worker.fate = reason;
    this.#ports.log.event(`${worker.label} ${because}: its successor is started`);
    this.#reconcile();
  }

  /** One and the same each time: however many seats are missing, it is called once. */
  readonly #refill = (): void => this.#reconcile();

  /** Forks what is missing. Cheap and safe to call after anything. */
  #reconcile(): void {
    if (this.#isStopping) return;
    this.#chain?.advance((rank) => this.#hasChanged(rank));
    for (const generation of this.#generations.values()) {
      if (generation.isLoaded && !generation.isOver && generation.spawner?.hasExited === false) this.#fill(generation);
    }
  }

  #fill(generation: Generation): void {
    const holding = this.#crew.of(generation).filter(({ isHolding }) => isHolding);
    for (const worker of holding) if (!this.#isWanted(worker.rank, generation)) this.#crew.happens(worker, 'retire');
    const held = new Set(holding.map(({ rank }) => rank));
    for (let rank = 1; rank <= generation.wanted; rank++) {
      if (!held.has(rank) && !this.#braked.has(rank) && this.#isWanted(rank, generation)) this.#crew.fork(generation, rank);
    }
  }

  /** Whether the new generation of a chain reload serves this rank. */
  #hasChanged(rank: number): boolean {
    const next = this.#chain?.generation.number;
    return this.workers.some((worker) => worker.rank === rank && worker.generation === next && worker.state === 'serving');
  }

  #isWanted(rank: number, generation: Generation): boolean {
    return rank <= generation.wanted && (this.#chain?.allows(generation, rank) ?? true);
  }

  #ended(worker: Worker, { from, how, status }: Ending): void {
    this.#ports.left(worker);
    this.#tellOfRetirement();
    if (from === 'starting') this.#generations.get(worker.generation)?.countStillbirth(how, status);
    const fate = worker.fate ?? (worker.isDismissed ? undefined : 'died');
    if (fate !== undefined && this.#settings.supervise && !this.#isStopping) this.#ports.replaced(fate);
    if (!worker.isDismissed) this.#diedUnasked(worker, how);
    this.#afterExit(status);
  }

  #diedUnasked(worker: Worker, how: string): void {
    if (this.#isStopping) return;
    const livedMs = this.#ports.now() - worker.bornAt;
    if (!this.#settings.supervise) {
      this.#ports.log.event(`${worker.label} ${how}; without --master it is not replaced`);
      this.#braked.add(worker.rank);
      return;
    }
    const pauseMs = this.#brake.pauseAfter(worker.rank, livedMs);
    this.#ports.log.event(
      `${worker.label} ${how}; ${pauseMs === 0 ? 'replacing it' : `it died young again: replacing it in ${pauseMs} ms`}`,
    );
    if (pauseMs > 0) this.#holdBack(worker.rank, pauseMs);
  }

  #holdBack(rank: number, pauseMs: number): void {
    this.#braked.add(rank);
    this.#ports.after(pauseMs, () => {
      this.#braked.delete(rank);
      this.#reconcile();
    });
  }

  #afterExit(status: number): void {
    this.#dismissSpawners();
    this.#reconcile();
    if (this.workers.length > 0) return;
    this.#whenEmpty();
    if (!this.#settings.supervise && !this.#isStopping) this.onDeserted(status);
  }

  #spawnerExited(generation: Generation, reason: string, status: number): void {
    generation.fail(reason, status);
    this.#crew.loseSpawnerOf(generation, status);
    if (this.#isStopping) return;
    if (generation === this.#sleeper) this.#loseSleeper(generation, reason);
    if (generation === this.#current && this.#settings.supervise) {
      this.#ports.log.event(`${reason}; its workers serve on until a new one has loaded the application`);
      void this.#recover();
    }
  }

  #loseSleeper(generation: Generation, reason: string): void {
    this.#sleeper = undefined;
    this.#abandon(generation);
    this.#ports.watchLost(reason);
  }

  /** Without its spawner the pool cannot replace workers: bring up a new generation, however often it takes. */
  async #recover(): Promise<void> {
    const lost = this.#current;
    await this.#renewing;
    while (this.#current === lost && !this.#isStopping) {
      try {
        this.#isRecovering = true;
        await this.renew().finally(() => {
          this.#isRecovering = false;
        });
      } catch (error) {
        this.#ports.log.event(`no new spawner yet: ${(error as Error).message}`);
        await new Promise<void>((resolve) => this.#ports.after(RECOVERY_PAUSE_MS, resolve));
      }
    }
  }
}
