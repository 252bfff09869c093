import { execFile } from 'node:child_process';
import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../log/log.ts';
import type { MetricsFormat } from '../stats/prometheus/exposition.ts';
import { Complaints } from '../util/complaints.ts';
import { RARELY_MS } from '../util/sparse-line.ts';

/** How the application's Python is run beside the server. */
export interface PythonRun {
  /** The interpreter, with what stands before it and its flags. */
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly directory: string | undefined;
  /** The folder of the server's Python half. */
  readonly runtime: string;
}

/** Where Prometheus' client library for Python keeps what several processes count together. */
const DIRECTORY = 'PROMETHEUS_MULTIPROC_DIR';
const TIMEOUT_MS = 5000;
const MOST_BYTES = 64 * 1024 * 1024;

/** What the processes of the application count with Prometheus' client library in its mode for several processes, if they do. */
export class ApplicationMetrics {
  readonly #run: () => PythonRun;
  readonly #complaints: Complaints;
  /** Scrapes at the same time share a process. */
  readonly #running = new Map<MetricsFormat, Promise<string | undefined>>();

  /** @param run as it is now */
  constructor(run: () => PythonRun, log: Log) {
    this.#run = run;
    this.#complaints = new Complaints((text) => log.event(`/metrics is without those of the application: ${text}`), { quietMs: RARELY_MS });
  }

  get isWanted(): boolean {
    return this.#directory !== '';
  }

  /** The text of them, without OpenMetrics' end; undefined where they cannot be read, of which the log says why. */
  read(format: MetricsFormat): Promise<string | undefined> {
    const running = this.#running.get(format);
    if (running !== undefined) return running;
    const reading = this.#read(format).finally(() => this.#running.delete(format));
    this.#running.set(format, reading);
    return reading;
  }

  /** A worker is gone: its gauges of what lives (`multiprocess_mode="livesum"` and the like) count no more. */
  forget(pid: number): void {
    if (!this.isWanted) return;
    const directory = this.#directory;
    for (const name of filesIn(directory)) if (isLiveGaugeOf(pid, name)) remove(join(directory, name));
  }

  get #directory(): string {
    return this.#run().environment[DIRECTORY] ?? '';
  }

  async #read(format: MetricsFormat): Promise<string | undefined> {
    try {
      const text = await output(this.#run(), format);
      return text.replace(/# EOF\n$/, '');
    } catch (error) {
      this.#complaints.add((error as Error).message);
      return undefined;
    }
  }
}

function output({ command, environment, directory, runtime }: PythonRun, format: MetricsFormat): Promise<string> {
  const [program, ...words] = [...command, join(runtime, 'multiprocess_metrics.py'), format];
  const settings = { env: environment, timeout: TIMEOUT_MS, maxBuffer: MOST_BYTES, ...(directory !== undefined && { cwd: directory }) };
  return new Promise((resolve, reject) => {
    execFile(program, words, settings, (error, text, errors) => {
      if (error === null) resolve(text);
      else reject(new Error(error.killed ? `they took longer than ${TIMEOUT_MS / 1000} s` : lastLine(errors, error.message)));
    });
  });
}

/** Of a traceback, what went wrong. */
function lastLine(text: string, otherwise: string): string {
  const line = text.trim().split('\n').at(-1) ?? '';
  return line === '' ? otherwise : line;
}

function isLiveGaugeOf(pid: number, name: string): boolean {
  return name.startsWith('gauge_live') && name.endsWith(`_${pid}.db`);
}

function filesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // the application has not made it yet
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody else was faster, or it belongs to another user.
  }
}
