/**
 * The way to systemd's notification socket (sd_notify(3)). Node has no datagram Unix sockets, and `systemd-notify` would be a process for
 * each word, so one small Python process passes the words on for as long as the server lives.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Log, LogOutput } from '../log/log.ts';

/** What systemd asks of a service, by the environment that it starts it with. */
export interface SystemdRequest {
  /** Where it wants to be told. */
  readonly socket: string;
  /** It wants a sign of life this often; undefined where it wants none. */
  readonly watchdogMs: number | undefined;
  /** The variables themselves, for a daemon that is to do what is asked here. */
  readonly variables: NodeJS.ProcessEnv;
}

const NAMES = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'];

/** Takes the request out of the environment: it is none of the application's business, which might answer it. */
export function requestFromSystemd(environment: NodeJS.ProcessEnv, pid: number): SystemdRequest | undefined {
  const variables: NodeJS.ProcessEnv = Object.fromEntries(NAMES.map((name) => [name, environment[name]]));
  for (const name of NAMES) Reflect.deleteProperty(environment, name);
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: interval, WATCHDOG_PID: watched } = variables;
  if (socket === undefined || !/^[/@]./.test(socket)) return undefined;
  const isWatched = watched === undefined || watched === String(pid);
  const watchdogMs = isWatched && /^[1-9]\d{0,15}$/.test(interval ?? '') ? Number(interval) / 1000 : undefined;
  return { socket, watchdogMs, variables };
}

/** Sends messages to systemd. One that cannot be sent is told in the log and forgotten, as everywhere with sd_notify. */
export class NotifySocket {
  readonly #command: readonly string[];
  readonly #output: LogOutput & { readonly log: Log };
  #process: ChildProcess | undefined;
  #isClosed = false;

  /** @param command python/tsuwsgi/notify.py with its interpreter and the socket */
  constructor(command: readonly string[], output: LogOutput & { readonly log: Log }) {
    this.#command = command;
    this.#output = output;
  }

  /** @param assignments `READY=1` and the like, which systemd hears together */
  send(assignments: readonly string[]): void {
    if (this.#isClosed) return;
    this.#process ??= this.#start();
    this.#process.stdin?.write(`${JSON.stringify(assignments.join('\n'))}\n`);
  }

  /** What was sent before is still passed on. */
  close(): void {
    this.#isClosed = true;
    this.#process?.stdin?.end();
  }

  #start(): ChildProcess {
    const [program = '', ...words] = this.#command;
    const { fd } = this.#output;
    const child: ChildProcess = spawn(program, words, { stdio: ['pipe', fd, fd] });
    child.once('error', (error) => this.#ended(child, error.message));
    child.once('exit', (status, signal) => this.#ended(child, signal ?? `status ${status}`));
    // Its end is heard above.
    child.stdin?.on('error', () => undefined);
    return child;
  }

  /** The next message starts another one. */
  #ended(child: ChildProcess, how: string): void {
    if (this.#process !== child) return;
    this.#process = undefined;
    if (!this.#isClosed) this.#output.log.event(`the process that tells systemd how the server is ended (${how})`);
  }
}
