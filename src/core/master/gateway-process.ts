import { type ChildProcess, fork, type SendHandle } from 'node:child_process';
import type { Log, LogOutput } from '../log/log.ts';
import type {
  GatewayCommand,
  GatewayListener,
  GatewayPlan,
  GatewayReport,
  GatewaySettings,
  QueueState,
  Refusal,
  SeatHolder,
} from '../plan/gateway-plan.ts';
import type { NamedApplication } from '../plan/named-application.ts';
import type { Credentials } from '../plan/tls.ts';
import type { GatewayLink } from './gateway-link.ts';
import { GatewayReports } from './gateway-reports.ts';

/** In the child, 0–2 are the standard streams and 3 is Node's own channel. */
const FIRST_DESCRIPTOR = 4;
/** It says itself when there is garbage to be collected (young-garbage.ts). */
const FLAGS = ['--expose-gc'];
/** A gateway that dies over and over is started again at most this often. */
const RESTART_PAUSE_MS = 500;

/**
 * A gateway in a process of its own, started again whenever it dies. Its sockets stay bound meanwhile, since they are ours:
 * new clients wait in the kernel's backlog.
 */
export class GatewayProcess implements GatewayLink {
  readonly #entry: string;
  #plan: GatewayPlan;
  readonly #log: Log;
  readonly #output: LogOutput;
  /** The program, with words of its own, that starts it as another user; empty where there is none. */
  readonly #prefix: readonly string[];
  readonly #reports = new GatewayReports();
  #child: ChildProcess;
  /** Who left each seat last. A gateway that is started again has to know: the slots of a worker that drains come to it as well. */
  readonly #retired = new Map<number, SeatHolder>();
  #isPaused = false;
  #isStopping = false;
  #startedAt = 0;

  /** @param entry path of the gateway's main module */
  constructor(entry: string, plan: GatewayPlan, { log, output, prefix }: { log: Log; output: LogOutput; prefix: readonly string[] }) {
    this.#entry = entry;
    this.#plan = plan;
    this.#log = log;
    this.#output = output;
    this.#prefix = prefix;
    this.#child = this.#start();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get ready(): Promise<void> {
    return this.#reports.ready;
  }

  queue(site?: string): QueueState {
    return this.#reports.queue(site);
  }

  retire(holder: SeatHolder): void {
    this.#retired.set(holder.seat, holder);
    this.#send({ type: 'retire', ...holder });
  }

  follow(settings: GatewaySettings): void {
    this.#plan = { ...this.#plan, ...settings };
    this.#send({ type: 'settings', settings });
  }

  open(listener: GatewayListener, handle: object | undefined): Promise<void> {
    this.#plan = { ...this.#plan, listeners: [...this.#plan.listeners, listener] };
    // One that is being started again listens on it with all the others.
    if (!this.#child.connected) return Promise.resolve();
    this.#send({ type: 'open', listener }, handle);
    return this.#reports.opened(listener.name);
  }

  close(name: string): void {
    this.#plan = { ...this.#plan, listeners: this.#plan.listeners.filter((listener) => listener.name !== name) };
    this.#send({ type: 'close', name });
  }

  renew(name: string, tls: Credentials): void {
    const listeners = this.#plan.listeners.map((listener) => (listener.name === name ? { ...listener, tls } : listener));
    this.#plan = { ...this.#plan, listeners };
    this.#send({ type: 'renew', name, tls });
  }

  pause(): void {
    this.#isPaused = true;
    this.#send({ type: 'pause' });
  }

  resume(): void {
    this.#isPaused = false;
    this.#send({ type: 'resume' });
  }

  async probe(): Promise<void> {
    if (this.#isStopping) return;
    this.#send({ type: 'probe' });
    await this.#reports.alive;
  }

  set onWanted(hear: (application: NamedApplication) => void) {
    this.#reports.onWanted = hear;
  }

  set onKnock(hear: (site: string) => void) {
    this.#reports.onKnock = hear;
  }

  watch(site: string): void {
    this.#reports.watched.add(site);
    this.#send({ type: 'watch', site });
  }

  refuse(refusal: Refusal): void {
    this.#send({ type: 'refuse', ...refusal });
  }

  forget(site: string): void {
    this.#send({ type: 'forget', site });
  }

  reopenLog(path: string): void {
    this.#send({ type: 'reopen-log', path });
  }

  async stop(how: 'gracefully' | 'now'): Promise<void> {
    this.#isStopping = true;
    if (!this.#child.connected) return;
    this.#send({ type: 'stop', how });
    await this.#reports.stopped;
  }

  #start(): ChildProcess {
    this.#startedAt = performance.now();
    const descriptors = [this.#plan.slotsFd, ...this.#plan.listeners.map(({ fd }) => fd)];
    const { fd } = this.#output;
    const [execPath = process.execPath, ...execArgv] = [...this.#prefix, process.execPath, ...FLAGS];
    const child = fork(this.#entry, { execPath, execArgv, stdio: ['ignore', fd, fd, 'ipc', ...descriptors] });
    child.on('message', (report) => this.#reports.hear(report as GatewayReport));
    child.once('exit', (status, signal) => this.#exited(signal ?? `status ${status}`));
    child.on('error', (error) => {
      // A child that was never there has no exit; of any other, such as one that dies under a message, the exit is what counts.
      if (child.pid === undefined) this.#exited(error.message);
    });
    // Without a descriptor for it there is no child, and not even a way to send to it.
    if (child.pid === undefined) return child;
    child.send({ type: 'configure', plan: this.#renumbered() } satisfies GatewayCommand);
    for (const holder of this.#retired.values()) child.send({ type: 'retire', ...holder } satisfies GatewayCommand);
    if (this.#isPaused) child.send({ type: 'pause' } satisfies GatewayCommand);
    for (const site of this.#reports.watched) child.send({ type: 'watch', site } satisfies GatewayCommand);
    return child;
  }

  /** The plan with the descriptors as the child has them: the order of `descriptors` above. */
  #renumbered(): GatewayPlan {
    const listeners = this.#plan.listeners.map((listener, index) => ({ ...listener, fd: FIRST_DESCRIPTOR + 1 + index }));
    return { ...this.#plan, slotsFd: FIRST_DESCRIPTOR, listeners };
  }

  #send(command: GatewayCommand, handle?: object): void {
    // Sockets that are bound and not yet anybody's server are no public kind of handle, though node:cluster sends them just so.
    if (this.#child.connected) this.#child.send(command, handle as SendHandle | undefined);
  }

  #exited(how: string): void {
    this.#reports.hear({ type: 'queues', queues: [] });
    this.#reports.openNothing();
    if (this.#isStopping) return this.#reports.hear({ type: 'stopped' });
    this.#reports.hear({ type: 'failed', message: how });
    this.#log.event(`the gateway ended (${how}): starting it again`);
    const pauseMs = Math.max(0, RESTART_PAUSE_MS - (performance.now() - this.#startedAt));
    setTimeout(() => {
      if (!this.#isStopping) this.#child = this.#start();
    }, pauseMs);
  }
}
