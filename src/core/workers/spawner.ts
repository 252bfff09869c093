import { type ChildProcess, spawn } from 'node:child_process';
import type { ControlChannel, ControlReport } from '../wire/control.ts';
import type { SpawnerConfig } from '../wire/spawner-config.ts';
import { after, type Timer } from '../util/timer.ts';
import { startFailure } from './start-failure.ts';

/** A warm-up whose time is over is interrupted by its own process; it may take so long for that. */
const INTERRUPTION_MS = 5000;
/** For the stack of a process that is about to be killed. */
const STACK_MS = 500;

/** How a spawner's process is started. */
export interface SpawnerLaunch {
  readonly generation: number;
  readonly interpreter: string;
  readonly flags: readonly string[];
  /** The program, with words of its own, that starts it as another user; empty where there is none. */
  readonly prefix: readonly string[];
  /** python/tsuwsgi/__main__.py of this installation. */
  readonly runtime: string;
  readonly controlPath: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Where it starts; undefined where the server is. */
  readonly directory: string | undefined;
  readonly logFd: number;
  /** The direct sockets; they become descriptors 3, 4, … of the spawner, in this order. */
  readonly descriptors: readonly number[];
  readonly config: SpawnerConfig;
}

/** What a pool wants to hear from a spawner. */
export interface SpawnerListener {
  onReport(report: ControlReport): void;
  /** The process is gone. `reason` says how in words. */
  onExit(reason: string, status: number): void;
  /** A warm-up neither ends nor lets itself be interrupted: this process is about to be killed. */
  onStuck(pid: number): void;
  /** A warm-up has cost the process its life, in these words; another one is started in its place that does without. */
  onWarmupDied(reason: string): void;
}

/** What a pool needs of a spawner process. */
export interface SpawnerHandle {
  readonly hasExited: boolean;
  /** Undefined where it could not be started. */
  readonly pid: number | undefined;
  attach(channel: ControlChannel): void;
  /** Imports the application. Until then its process listens on the direct sockets and does nothing else. */
  load(): void;
  /** Before that: tells, once, when a client waits at a direct door. */
  watch(): void;
  /** Before that: answers 503 to whoever waits there now. */
  refuse(): void;
  fork(seat: number, worker: number): void;
  /** The log goes on in what is at this path now. */
  reopenLog(path: string): void;
  stop(): void;
}

/** A spawner process as the master sees it; the process itself is python/tsuwsgi/spawner.py. */
export class Spawner implements SpawnerHandle {
  readonly generation: number;
  readonly #launch: SpawnerLaunch;
  #config: SpawnerConfig;
  /** Why it may not have come up, in words. */
  readonly #explain: () => string;
  #child: ChildProcess;
  /** The application is imported, and asked for its warm-ups. */
  #isWarming = false;
  #patience: Timer | undefined;
  readonly #listener: SpawnerListener;
  #channel: ControlChannel | undefined;
  #hasExited = false;
  #isToLoad = false;
  #hasLoaded = false;

  constructor(launch: SpawnerLaunch, listener: SpawnerListener) {
    this.generation = launch.generation;
    this.#launch = launch;
    this.#config = launch.config;
    this.#listener = listener;
    this.#explain = () => explanation(launch);
    this.#child = this.#start();
  }

  #start(): ChildProcess {
    const launch = this.#launch;
    const command = [...launch.prefix, launch.interpreter, ...launch.flags, launch.runtime, launch.controlPath, String(launch.generation)];
    const child = spawn(command[0] ?? '', command.slice(1), {
      env: launch.environment,
      ...(launch.directory !== undefined && { cwd: launch.directory }),
      stdio: ['ignore', launch.logFd, launch.logFd, ...launch.descriptors],
    });
    child.once('error', (error) => this.#ended(`${launch.interpreter} cannot be started: ${error.message}`, 1));
    child.once('exit', (status, signal) => {
      const reason = signal === null ? `the spawner ended with status ${status}` : `the spawner was ended by ${signal}`;
      if (this.#isWarming) this.#startAgain(reason);
      else this.#ended(reason, status ?? 1);
    });
    return child;
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Its process has connected: tell it what it is to be. */
  attach(channel: ControlChannel): void {
    this.#channel = channel;
    channel.onReport = (report) => {
      this.#hasLoaded ||= report.type === 'loaded';
      this.#patience?.cancel();
      this.#isWarming = report.type === 'warming';
      if (report.type === 'warming') this.#patience = after(report.seconds * 1000 + INTERRUPTION_MS, () => this.#giveUpWarming());
      this.#listener.onReport(report);
    };
    channel.send({ type: 'configure', ...this.#config });
    if (this.#isToLoad) channel.send({ type: 'load' });
  }

  load(): void {
    this.#isToLoad = true;
    this.#channel?.send({ type: 'load' });
  }

  watch(): void {
    this.#channel?.send({ type: 'watch' });
  }

  refuse(): void {
    this.#channel?.send({ type: 'refuse' });
  }

  fork(seat: number, worker: number): void {
    this.#channel?.send({ type: 'fork', seat, worker });
  }

  reopenLog(path: string): void {
    this.#channel?.send({ type: 'reopen-log', path });
  }

  /** Its workers are gone or going by themselves: the process may end. One that is still importing would not listen, and one that has not begun has nothing to lose. */
  stop(): void {
    this.#patience?.cancel();
    this.#isWarming = false;
    if (this.#hasLoaded) this.#channel?.send({ type: 'stop' });
    else this.#child.kill('SIGKILL');
  }

  #giveUpWarming(): void {
    if (this.#child.pid === undefined) return;
    this.#listener.onStuck(this.#child.pid);
    this.#patience = after(STACK_MS, () => void this.#child.kill('SIGKILL'));
  }

  /** As if this process had been started in the place of the one that is gone; it does everything but the warm-ups. */
  #startAgain(reason: string): void {
    this.#listener.onWarmupDied(reason);
    this.#patience?.cancel();
    this.#isWarming = false;
    this.#channel?.close();
    this.#channel = undefined;
    this.#config = { ...this.#config, warmup: { ...this.#config.warmup, requests: [] } };
    this.#child = this.#start();
  }

  #ended(reason: string, status: number): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    this.#patience?.cancel();
    const isExplained = this.#channel !== undefined;
    this.#channel?.close();
    this.#listener.onExit(isExplained ? reason : reason + this.#explain(), status);
  }
}

function explanation({ interpreter, prefix }: SpawnerLaunch): string {
  const why = startFailure(interpreter, prefix);
  return why === undefined ? '' : `: ${why}`;
}
