import { type ChildProcess, fork, type SendHandle } from 'node:child_process';
import type { Log, LogOutput } from '../log/log.ts';
import type { GatewayCommand, GatewayPlan, GatewayReport } from '../plan/gateway-plan.ts';
import { CommandedGateway } from './commanded-gateway.ts';

/** In the child, 0–2 are the standard streams and 3 is Node's own channel. */
const FIRST_DESCRIPTOR = 4;
/**
 * What is young may take twice the room that V8 gives it: each of 10,000 requests that wait would be copied twice, be old when it ends, and stay
 * until the old are looked through. The room grows only with them. scripts/compile-ahead.js has to know all flags.
 */
export const FLAGS = ['--max-semi-space-size=32'];
/** A gateway that dies over and over is started again at most this often. */
const RESTART_PAUSE_MS = 500;

/**
 * A gateway in a process of its own, started again whenever it dies. Its sockets stay bound meanwhile, since they are ours:
 * new clients wait in the kernel's backlog.
 */
export class GatewayProcess extends CommandedGateway {
  readonly #entry: string;
  #plan: GatewayPlan;
  readonly #log: Log;
  readonly #output: LogOutput;
  /** The program, with words of its own, that starts it as another user; empty where there is none. */
  readonly #prefix: readonly string[];
  #child: ChildProcess;
  /** Who left each seat last. A gateway that is started again has to know: the slots of a worker that drains come to it as well. */
  readonly #retired = new Map<number, Extract<GatewayCommand, { type: 'retire' }>>();
  #isPaused = false;
  #isStopping = false;
  #startedAt = 0;

  /** @param entry path of the gateway's main module */
  constructor(entry: string, plan: GatewayPlan, { log, output, prefix }: { log: Log; output: LogOutput; prefix: readonly string[] }) {
    super();
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

  async probe(): Promise<void> {
    if (this.#isStopping) return;
    this.send({ type: 'probe' });
    await this.reports.alive;
  }

  reopenLog(path: string): void {
    this.send({ type: 'reopen-log', path });
  }

  protected send(command: GatewayCommand, handle?: object): boolean {
    this.#remember(command);
    // Sockets that are bound and not yet anybody's server are no public kind of handle, though node:cluster sends them just so.
    const { connected } = this.#child;
    if (connected) this.#child.send(command, handle as SendHandle | undefined);
    return connected;
  }

  /** What one that is started again has to know, too. */
  #remember(command: GatewayCommand): void {
    this.#plan = planAfter(command, this.#plan);
    if (command.type === 'retire') this.#retired.set(command.seat, command);
    if (command.type === 'pause' || command.type === 'resume') this.#isPaused = command.type === 'pause';
    if (command.type === 'stop') this.#isStopping = true;
  }

  #start(): ChildProcess {
    this.#startedAt = performance.now();
    const descriptors = [this.#plan.slotsFd, ...this.#plan.listeners.map(({ fd }) => fd)];
    const { fd } = this.#output;
    const [execPath, ...execArgv] = [...this.#prefix, process.execPath, ...FLAGS];
    const child = fork(this.#entry, { execPath, execArgv, stdio: ['ignore', fd, fd, 'ipc', ...descriptors] });
    child.on('message', (report) => this.reports.hear(report as GatewayReport));
    child.once('exit', (status, signal) => this.#exited(signal ?? `status ${status}`));
    child.on('error', (error) => {
      // A child that was never there has no exit; of any other, such as one that dies under a message, the exit is what counts.
      if (child.pid === undefined) this.#exited(error.message);
    });
    // Without a descriptor for it there is no child, and not even a way to send to it.
    if (child.pid === undefined) return child;
    child.send({ type: 'configure', plan: this.#renumbered() } satisfies GatewayCommand);
    for (const command of this.#retired.values()) child.send(command);
    if (this.#isPaused) child.send({ type: 'pause' } satisfies GatewayCommand);
    for (const site of this.reports.watched) child.send({ type: 'watch', site } satisfies GatewayCommand);
    return child;
  }

  /** The plan with the descriptors as the child has them: the order of `descriptors` above. */
  #renumbered(): GatewayPlan {
    const listeners = this.#plan.listeners.map((listener, index) => ({ ...listener, fd: FIRST_DESCRIPTOR + 1 + index }));
    return { ...this.#plan, slotsFd: FIRST_DESCRIPTOR, listeners };
  }

  #exited(how: string): void {
    this.reports.end();
    if (this.#isStopping) return this.reports.hear({ type: 'stopped' });
    this.reports.hear({ type: 'failed', message: how });
    const { number } = this.#plan;
    this.#log.event(`${number === undefined ? 'the gateway' : `gateway ${number}`} ended (${how}): starting it again`);
    const pauseMs = Math.max(0, RESTART_PAUSE_MS - (performance.now() - this.#startedAt));
    setTimeout(() => {
      if (!this.#isStopping) this.#child = this.#start();
    }, pauseMs);
  }
}

/** What a gateway goes by that has followed this command. */
function planAfter(command: GatewayCommand, plan: GatewayPlan): GatewayPlan {
  const { listeners } = plan;
  switch (command.type) {
    case 'settings':
      return { ...plan, ...command.settings };
    case 'open':
      return { ...plan, listeners: [...listeners, command.listener] };
    case 'close':
      return { ...plan, listeners: listeners.filter(({ name }) => name !== command.name) };
    case 'renew':
      return { ...plan, listeners: listeners.map((other) => (other.name === command.name ? { ...other, tls: command.tls } : other)) };
    default:
      return plan;
  }
}
