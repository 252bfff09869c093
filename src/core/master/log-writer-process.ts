import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { LogWriterSettings } from '../log/writer-settings.ts';
import type { After, Timer } from '../util/timer.ts';

/** What the process is told; python/tsuwsgi/logwriter/writer.py obeys. */
export type LogWriterOrder =
  | { readonly type: 'prepare' | 'commit' | 'configure'; readonly settings: LogWriterSettings }
  | { readonly type: 'undo' | 'reopen' | 'rotate' | 'finish' }
  | { readonly type: 'output'; readonly path: string };

/** What came of `prepare`. */
export type LogWriterReport =
  { readonly type: 'prepared' } | { readonly type: 'failed'; readonly logger: string | null; readonly reason: string };

export interface LogWriterProcessPorts {
  readonly command: readonly string[];
  /** The descriptor that the process has as its standard error, which is the output of the server. */
  readonly output: () => number;
  /** It died: another one runs, which knows nothing yet. */
  readonly started: () => void;
  readonly died: (how: string) => void;
  readonly after: After;
}

/** One that dies over and over is started again at most this often. */
const RESTART_PAUSE_MS = 500;
/** How long the last lines may take: a command or a socket that takes nothing would keep the server for ever. */
const END_MS = 5000;
/** How long the process may take to open what settings name: a logger that takes nothing holds it up. */
const ANSWER_MS = 5000;
const REPORTS = 3;

/** The process of the log writer, started again whenever it dies. */
export class LogWriterProcess {
  readonly #ports: LogWriterProcessPorts;
  #child: ChildProcess;
  #restart: Timer | undefined;
  #isEnding = false;
  #startedAt = 0;
  #hear: (report: LogWriterReport) => void = () => undefined;
  /** Answers that are still to come and that nobody waits for any more. */
  #overdue = 0;

  constructor(ports: LogWriterProcessPorts) {
    this.#ports = ports;
    this.#child = this.#start();
  }

  send(order: LogWriterOrder): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  /** Has it open what the settings name. `undefined` where it does not answer in time. */
  prepare(settings: LogWriterSettings): Promise<LogWriterReport | undefined> {
    if (this.#restart !== undefined) this.#startAgain();
    return new Promise((resolve) => {
      const patience = this.#ports.after(ANSWER_MS, () => {
        this.#overdue += 1;
        resolve(undefined);
      });
      this.#hear = (report) => {
        patience.cancel();
        resolve(report);
      };
      this.send({ type: 'prepare', settings });
    });
  }

  /** Settled when it has written what was there, and has ended. */
  async end(): Promise<void> {
    // What is in the pipes is yet to be written, whoever died before.
    if (this.#restart !== undefined) this.#startAgain();
    this.#isEnding = true;
    const child = this.#child;
    if (child.pid === undefined) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.send({ type: 'finish' });
    const patience = this.#ports.after(END_MS, () => child.kill('SIGKILL'));
    await ended;
    patience.cancel();
  }

  #start(): ChildProcess {
    this.#startedAt = performance.now();
    const [program = '', ...words] = this.#ports.command;
    const output = this.#ports.output();
    // Where the log is a file, that is everybody's standard output as well.
    const first = output === process.stderr.fd ? process.stdout.fd : output;
    const child: ChildProcess = spawn(program, words, { stdio: ['pipe', first, output, 'pipe'] });
    child.once('error', (error) => this.#ended(child, error.message));
    child.once('exit', (status, signal) => this.#ended(child, signal ?? `status ${status}`));
    // Its end is heard above.
    child.stdin?.on('error', () => undefined);
    createInterface({ input: child.stdio[REPORTS] as Readable }).on('line', (line) => this.#take(JSON.parse(line) as LogWriterReport));
    return child;
  }

  #take(report: LogWriterReport): void {
    if (this.#overdue === 0) this.#hear(report);
    else this.#overdue -= 1;
  }

  #ended(child: ChildProcess, how: string): void {
    if (child !== this.#child || this.#isEnding) return;
    this.#hear({ type: 'failed', logger: null, reason: `the log writer ended (${how})` });
    this.#ports.died(how);
    const pauseMs = Math.max(0, RESTART_PAUSE_MS - (performance.now() - this.#startedAt));
    this.#restart = this.#ports.after(pauseMs, () => this.#startAgain());
  }

  #startAgain(): void {
    this.#restart?.cancel();
    this.#restart = undefined;
    this.#overdue = 0;
    this.#child = this.#start();
    this.#ports.started();
  }
}
