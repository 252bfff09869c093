import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { within } from './eventually.ts';
import { allGone, isAlive, processesWith, treeOf, type ProcessInfo } from './processes.ts';
import { onEnd, type Scope } from './scope.ts';

const STOP_DEADLINE_MS = 10_000;
const LEFT_BEHIND_DEADLINE_MS = 3_000;
const LINE_DEADLINE_MS = 15_000;
const LAST_WORDS_MS = 200;

/** Where to look for programs. Debian's own Python comes first, whatever else this machine has. */
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** How a process ended. */
export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program to start. Its environment is what is given here and nothing else, so that no machine changes a test. */
export interface Launch {
  readonly command: string;
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What ends it at the end of the scope, if it still runs. SIGKILL is for all that it started, at once. */
  readonly stopSignal: NodeJS.Signals;
  /** Exit statuses that are fine at that end. */
  readonly stopStatus: readonly number[] | 'any';
  /** A process group of its own, as a shell gives to a job. */
  readonly group?: 'own';
}

const running = new Set<string>();

/** A started process with its output. Ended, with all below it, when the scope is over. */
export class Child {
  readonly pid: number;
  readonly ended: Promise<Ending>;
  /** Text in the environment of this process and of all that it starts. */
  readonly mark: string;
  readonly #process: ChildProcess;
  readonly #what: string;
  readonly #waiting = new Set<() => void>();
  #stdout = '';
  #stderr = '';
  #log = '';
  #ending: Ending | undefined;

  constructor(process: ChildProcess, launch: Launch, mark: string) {
    if (process.pid === undefined) throw new Error(`cannot start ${launch.command}`);
    this.pid = process.pid;
    this.mark = mark;
    this.#process = process;
    this.#what = [launch.command, ...launch.words].join(' ');
    this.ended = once(process, 'exit').then(([status, signal]: (number | NodeJS.Signals | null)[]) => {
      this.#ending = { status: status as number | null, signal: signal as NodeJS.Signals | null };
      this.#wake();
      return this.#ending;
    });
    this.#collect(process.stdout, (text) => (this.#stdout += text));
    this.#collect(process.stderr, (text) => (this.#stderr += text));
  }

  /** Both outputs, as they came. */
  get log(): string {
    return this.#log;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get hasEnded(): boolean {
    return this.#ending !== undefined;
  }

  /** All lines so far that match. */
  lines(pattern: RegExp): RegExpExecArray[] {
    return this.#log
      .split('\n')
      .map((line) => pattern.exec(line))
      .filter((match) => match !== null);
  }

  /** The nth matching line, waited for if it is not there yet; fails when the process ends without it. */
  async line(pattern: RegExp, nth = 1, deadlineMs = LINE_DEADLINE_MS): Promise<RegExpExecArray> {
    const search = async (): Promise<RegExpExecArray> => {
      for (;;) {
        const found = this.lines(pattern)[nth - 1];
        if (found) return found;
        if (this.#ending)
          throw new Error(`${this.#what} ended (${describe(this.#ending)}) without a line ${String(pattern)}\n${this.#log}`);
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
    };
    return within(deadlineMs, () => `a line ${String(pattern)} of ${this.#what}; its log:\n${this.#log}`, search());
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Every living process that it started, itself included. */
  family(): ProcessInfo[] {
    return processesWith(this.mark);
  }

  /** Its end and all of its output. */
  async finished(deadlineMs = LINE_DEADLINE_MS): Promise<Ending> {
    const ending = await within(deadlineMs, () => `the end of ${this.#what}; its log:\n${this.#log}`, this.ended);
    // What it wrote last may still lie in the pipes; what it started may hold them open for ever.
    const open = [this.#process.stdout, this.#process.stderr].flatMap((stream) => (stream && !stream.closed ? [stream] : []));
    const signal = AbortSignal.timeout(LAST_WORDS_MS);
    await Promise.allSettled(open.map((stream) => once(stream, 'close', { signal })));
    return ending;
  }

  /** Ends it with this signal and waits until it and all below it are gone. */
  async stop(signal: NodeJS.Signals): Promise<Ending> {
    const family = [...new Set([...treeOf(this.pid), ...this.family()].map((one) => one.pid))];
    if (!this.hasEnded) this.signal(signal);
    const ending = await this.finished(STOP_DEADLINE_MS);
    await allGone([...new Set([...family, ...this.family().map((one) => one.pid)])], LEFT_BEHIND_DEADLINE_MS);
    return ending;
  }

  /** Ends whatever is left of it, without any politeness. */
  kill(): void {
    for (const { pid } of [...treeOf(this.pid), ...this.family()]) killHard(pid);
  }

  toString(): string {
    return this.#what;
  }

  /** Whole lines go to the log, so that two streams never share one and no half line is taken for a whole one. */
  #collect(stream: Readable | null, keep: (text: string) => void): void {
    let rest = '';
    const append = (text: string) => {
      keep(text);
      const end = (rest + text).lastIndexOf('\n') + 1;
      this.#log += (rest + text).slice(0, end);
      rest = (rest + text).slice(end);
      this.#wake();
    };
    stream?.setEncoding('utf8').on('data', append);
    stream?.once('end', () => {
      if (rest !== '') append('\n');
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** Starts a program; at the end of the scope it is stopped, and a failed test shows its log. */
export function launch(scope: Scope, what: Launch): Child {
  const mark = `TSUWSGI_TEST_MARK=${randomUUID()}`;
  running.add(mark);
  const [name = '', value = ''] = mark.split('=');
  const child = new Child(
    spawn(what.command, what.words, {
      cwd: what.cwd,
      env: { PATH, HOME: '/tmp', [name]: value, ...what.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: what.group === 'own',
    }),
    what,
    mark,
  );
  onEnd(scope, () => close(scope, child, what));
  return child;
}

async function close(scope: Scope, child: Child, launch: Launch): Promise<void> {
  const problem = await end(child, launch);
  child.kill();
  running.delete(child.mark);
  if (problem || scope.passed === false) process.stderr.write(`\n--- log of ${String(child)}\n    in "${scope.name}"\n${child.log}\n---\n`);
  if (problem) throw problem;
}

/** Stops the process; what was wrong with its end, if anything was. */
async function end(child: Child, { stopSignal, stopStatus }: Launch): Promise<Error | undefined> {
  const wasRunning = !child.hasEnded;
  if (stopSignal === 'SIGKILL') child.kill();
  try {
    const ending = await child.stop(stopSignal);
    if (!wasRunning || stopStatus === 'any' || stopStatus.includes(ending.status ?? -1)) return undefined;
    return new Error(`${String(child)} ended with ${describe(ending)} after ${stopSignal}`);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** `status 1`, `signal SIGKILL`. */
function describe({ status, signal }: Ending): string {
  return signal ? `signal ${signal}` : `status ${String(status)}`;
}

function killHard(pid: number): void {
  try {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}

// Nothing may outlive the tests, even when they are broken off.
process.once('exit', () => {
  for (const mark of running) for (const { pid } of processesWith(mark)) killHard(pid);
});
process.once('SIGTERM', () => process.exit(143));
