/** What an emperor has besides its vassals: it hears of their files, of operators, of systemd, and answers with statistics. */
import { join } from 'node:path';
import { bind, handOver } from '../listen/bind.ts';
import type { LogFile } from '../log/log-file.ts';
import { signalActions } from '../master/actions.ts';
import { ControlServer } from '../master/control-server.ts';
import type { EmperorLink } from '../master/emperor-link.ts';
import type { HookRunner } from '../master/hooks.ts';
import { Signals } from '../master/signals.ts';
import { removeFile } from '../master/sockets.ts';
import { Systemd, type SystemdPorts } from '../master/systemd.ts';
import type { EmperorPlan } from '../plan/emperor.ts';
import { nameOf } from '../plan/process-names.ts';
import { StatsServer } from '../stats/server.ts';
import { CONTROL_SOCKET, makeRuntimeDirectory } from '../util/runtime-directory.ts';
import { after } from '../util/timer.ts';
import { Emperor } from './emperor.ts';
import { type Launching, launchVassal } from './launch.ts';
import { Lookout } from './lookout.ts';
import { monitorOf } from './monitor.ts';
import { counted, formatStatistics, Orders } from './orders.ts';
import { type EmperorStats, emperorStats } from './statistics.ts';

export interface ReignSettings {
  readonly version: string;
  /** What a vassal is started with in front of its own words, unless the plan names another program. */
  readonly executable: readonly string[];
  /** That of the vassals, without the plan's own variables. */
  readonly environment: NodeJS.ProcessEnv;
  readonly logFile: LogFile;
  readonly hooks: HookRunner;
  /** Undefined where no systemd wants to be told. */
  readonly systemd: Pick<SystemdPorts, 'socket' | 'watchdogMs'> | undefined;
  /** Whose vassal this emperor is, if it is one. */
  readonly emperor: EmperorLink | undefined;
  /** Called once, when the first vassals are being started. */
  readonly onReady: () => void;
}

export class Reign {
  readonly #plan: EmperorPlan;
  readonly #settings: ReignSettings;
  /** What has to be closed with it, in the order of its making. */
  readonly #closers: (() => void)[];
  readonly #emperor: Emperor;
  readonly #lookout: Lookout;
  readonly #orders: Orders;
  readonly #signals = new Signals((action, signal) => this.#orders.perform(action, signal));
  #systemd: Systemd | undefined;
  #isStopping = false;
  #end: (status: number) => void = () => undefined;
  readonly #ended: Promise<number>;

  /** @param closers gets what has to be closed when it is over, however it ended */
  constructor(plan: EmperorPlan, settings: ReignSettings, closers: (() => void)[]) {
    this.#plan = plan;
    this.#settings = settings;
    this.#closers = closers;
    this.#emperor = this.#createEmperor();
    this.#lookout = this.#createLookout();
    this.#orders = new Orders({
      emperor: this.#emperor,
      stop: (how, because) => this.#stop(how, because),
      statistics: () => this.#statistics(),
      log: settings.logFile.log,
    });
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /**
   * Rules until it is told to stop. Returns the exit status.
   *
   * @throws BindError when its own address cannot be had
   */
  async run(): Promise<number> {
    const { log } = this.#settings.logFile;
    this.#signals.follow(signalActions(this.#plan.process.dieOnTerm));
    this.#closers.push(() => this.#signals.stop());
    this.#takeName();
    log.line(`tsuwsgi ${this.#settings.version} on Node ${process.versions.node} (pid ${process.pid})`);
    this.#tellIdleOptions();
    this.#followSystemd();
    await this.#openStatistics();
    await this.#listenToOperators();
    if (!this.#isStopping) this.#begin();
    return this.#ended;
  }

  #begin(): void {
    const { logFile, onReady } = this.#settings;
    this.#closers.push(() => this.#lookout.stop());
    this.#lookout.begin();
    logFile.log.line(`[emperor] ready: ${this.#state} in ${this.#plan.monitors.join(', ')}`);
    this.#systemd?.ready();
    onReady();
  }

  #createEmperor(): Emperor {
    const { throttle, toleranceMs, heartbeatMs } = this.#plan;
    const launching = this.#launching();
    return new Emperor({
      throttle,
      toleranceMs,
      heartbeatMs,
      launch: (file, listener) => launchVassal(file, launching, listener),
      now: Date.now,
      after,
      log: this.#settings.logFile.log,
    });
  }

  #createLookout(): Lookout {
    const { monitors, moreExtensions, watchesLinks, owners, intervalMs } = this.#plan;
    const ports = {
      monitors: monitors.map((text) => monitorOf(text, process.cwd())),
      look: { moreExtensions, watchesLinks, ownsLinks: owners === 'of-link' },
      intervalMs,
      after,
      log: this.#settings.logFile.log,
    };
    return new Lookout(ports, (changes) => this.#emperor.follow(changes));
  }

  #launching(): Launching {
    const { wrapper, wordsBefore, wordsAfter, environment, owners } = this.#plan;
    return {
      command: wrapper === undefined ? this.#settings.executable : [wrapper],
      wordsBefore,
      wordsAfter,
      environment: { ...this.#settings.environment, ...environment },
      owners,
      logFd: () => this.#settings.logFile.fd,
    };
  }

  #takeName(): void {
    const { name, process: own } = this.#plan;
    if (name !== undefined) process.title = name;
    else if (own.names !== undefined) process.title = nameOf(own.names, 'Emperor');
  }

  #tellIdleOptions(): void {
    const { idleOptions } = this.#plan;
    if (idleOptions.length === 0) return;
    this.#settings.logFile.log.line(
      `[emperor] without effect on an emperor: ${idleOptions.join(', ')} (vassals-set = NAME=VALUE sets an option of all vassals; for itself it has emperor-stats, and logto for its log)`,
    );
  }

  #followSystemd(): void {
    const { systemd } = this.#settings;
    if (systemd === undefined) return;
    // This process answers by asking, and there is no other that all vassals need.
    const follower = new Systemd({ ...systemd, status: () => this.#state, probe: () => Promise.resolve() });
    this.#systemd = follower;
    this.#closers.push(() => follower.close());
  }

  async #openStatistics(): Promise<void> {
    const { statsAddress, areStatsPublic, process: own } = this.#plan;
    if (statsAddress === undefined) return;
    const bound = await bind(statsAddress);
    const server = new StatsServer(handOver(bound), () => Promise.resolve(formatStatistics(this.#statistics())));
    this.#closers.push(() => {
      server.close();
      if (own.vacuum) removeFile(bound);
    });
    const warning = areStatsPublic ? ' (warning: whoever reaches it may read them; use 127.0.0.1 or a Unix socket)' : '';
    this.#settings.logFile.log.line(`[emperor] stats on ${bound.name}${warning}`);
  }

  async #listenToOperators(): Promise<void> {
    const directory = makeRuntimeDirectory();
    this.#closers.push(() => directory.remove());
    const control = await ControlServer.open(join(directory.path, CONTROL_SOCKET), (order, because, answer) =>
      this.#orders.obey(order, because, answer),
    );
    this.#closers.push(() => control.close());
    const { emperor } = this.#settings;
    emperor?.follow((order, because) => this.#orders.perform(order, because));
    this.#closers.push(() => emperor?.close());
  }

  async #stop(how: 'gracefully' | 'now', because: string): Promise<void> {
    this.#isStopping = true;
    this.#settings.logFile.log.event(`[emperor] ${because}: stopping ${how === 'now' ? 'at once' : 'when all vassals have'}`);
    this.#systemd?.stopping('waiting for the vassals to stop');
    this.#lookout.stop();
    await this.#emperor.stop(how, because);
    // A turn later: an operator who waits for the end is told of it first.
    setImmediate(() => this.#end(0));
  }

  get #state(): string {
    const { vassals } = this.#emperor;
    const serving = vassals.filter(({ state }) => state === 'serving').length;
    return `${counted(vassals.length)}, ${serving} serving`;
  }

  #statistics(): EmperorStats {
    return emperorStats({
      version: this.#settings.version,
      monitors: this.#plan.monitors,
      isTyrant: this.#plan.owners !== 'same-user',
      vassals: this.#emperor.vassals,
      now: Date.now(),
    });
  }
}
