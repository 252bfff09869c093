/**
 * Where `logger`, `log-route` and their like bring lines, seen from the master; python/tsuwsgi/logwriter does it.
 *
 *     everybody ──▶ named pipes `log` and `request-log` of the runtime directory ──▶ log writer ──▶ files, sockets, syslog, commands
 *
 * The master has the pipes open as well, so that what is in them outlives a log writer that dies; another one takes its place.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { LoggerError } from '../errors/log.ts';
import type { LogFile } from '../log/log-file.ts';
import type { LogWriterSettings } from '../log/writer-settings.ts';
import type { Plan } from '../plan/plan.ts';
import { REQUEST_LOG } from '../util/runtime-directory.ts';
import { after } from '../util/timer.ts';
import { LogWriterProcess } from './log-writer-process.ts';
import { NO_CHANGE, type PreparedChange } from './prepared-change.ts';

const LOG = 'log';
const { O_RDWR, O_WRONLY, O_NONBLOCK } = constants;
/** Everything to the output of the server: once there is a log writer it stays. */
const PLAIN: LogWriterSettings = { log: { loggers: [], routes: [], encoders: [], drain: [], filter: [] }, requests: null };

export interface LogWriterPorts {
  /** python/tsuwsgi/logwriter with its interpreter. */
  readonly command: readonly string[];
  /** The runtime directory. */
  readonly directory: string;
  /** Lets the children of a master that stays root use a pipe. */
  readonly share: (path: string) => void;
  readonly logFile: LogFile;
}

/** The log writer of a server, if it needs one. */
export class LogWriter {
  readonly #ports: LogWriterPorts;
  #process: LogWriterProcess | undefined;
  /** First of all those of the log and of requests, as long as there is a process. */
  #pipes: readonly number[] = [];
  #takesAll = false;
  /** Undefined until the first ones are in force. */
  #settings: LogWriterSettings | undefined;

  constructor(ports: LogWriterPorts) {
    this.#ports = ports;
  }

  /** The files of the log that can be exchanged, those of loggers and that of `logto`; undefined where there is none. */
  get files(): Pick<LogFile, 'reopen' | 'rotate'> | undefined {
    const { logFile } = this.#ports;
    const { log, requests } = this.#settings ?? PLAIN;
    const isLogger = [...log.loggers, ...(requests?.loggers ?? [])].some(({ sink }) => sink.kind === 'file');
    if (!isLogger) return logFile.isFile ? logFile : undefined;
    return { reopen: () => this.#exchangeFiles('reopen'), rotate: () => this.#exchangeFiles('rotate') };
  }

  /**
   * Opens what the loggers of a plan name, the first one's or another one's.
   *
   * @throws LoggerError when one cannot be used; then nothing has changed
   */
  async prepare({ log: { writer } }: Pick<Plan, 'log'>): Promise<PreparedChange> {
    const settings = writer ?? (this.#settings && PLAIN);
    if (settings === undefined) return NO_CHANGE;
    const process = (this.#process ??= this.#begin());
    const report = await process.prepare(settings);
    if (report?.type !== 'prepared') {
      await this.#undo();
      throw report === undefined ? LoggerError.silent() : LoggerError.unusable(report.logger, report.reason);
    }
    return {
      commit: () => Promise.resolve(this.#commit(settings)),
      undo: () => this.#undo(),
    };
  }

  /** Whole lines about requests, which somebody else has left behind: to the req-loggers, where there are any. */
  logRequests(lines: string): void {
    const [, fd] = this.#pipes;
    if (fd === undefined || (this.#settings?.requests ?? null) === null) return this.#ports.logFile.log.line(lines);
    try {
      writeSync(fd, `${lines}\n`);
    } catch {
      // The pipe is full: the master waits for no log.
      this.#ports.logFile.countDropped(lines.split('\n').length);
    }
  }

  /** Ends with the last line: nobody else writes any more. */
  async close(): Promise<void> {
    this.#ports.logFile.sendDirectly();
    await this.#process?.end();
    this.#process = undefined;
    for (const fd of this.#pipes) closeSync(fd);
    this.#pipes = [];
  }

  #exchangeFiles(how: 'reopen' | 'rotate'): void {
    this.#ports.logFile[how]();
    this.#process?.send({ type: how });
  }

  #commit(settings: LogWriterSettings): void {
    this.#settings = settings;
    // One that has taken the place of another since then is told by this what it is to do.
    this.#process?.send({ type: 'commit', settings });
    if (!this.#takesAll && !isDeepStrictEqual(settings.log, PLAIN.log)) this.#takeAll();
  }

  /** Not only the lines of requests: from now on everybody writes into the pipe. */
  #takeAll(): void {
    this.#takesAll = true;
    const path = join(this.#ports.directory, LOG);
    const fd = openSync(path, O_WRONLY);
    // The master waits for no log; its children decide for themselves.
    const ownFd = openSync(path, O_WRONLY | O_NONBLOCK);
    this.#pipes = [...this.#pipes, fd, ownFd];
    this.#ports.logFile.sendThrough({ fd, ownFd, path });
  }

  async #undo(): Promise<void> {
    if (this.#settings === undefined) await this.close();
    else this.#process?.send({ type: 'undo' });
  }

  #begin(): LogWriterProcess {
    const { command, directory, share, logFile } = this.#ports;
    for (const name of [LOG, REQUEST_LOG]) {
      const path = join(directory, name);
      makePipe(path);
      share(path);
      this.#pipes = [...this.#pipes, openSync(path, O_RDWR | O_NONBLOCK)];
    }
    logFile.onOutputMoved = (path) => this.#process?.send({ type: 'output', path });
    return new LogWriterProcess({
      command: [...command, directory],
      output: () => logFile.output,
      died: (how) => logFile.log.event(`the log writer ended (${how}): starting it again`),
      started: () => this.#goOn(),
      after,
    });
  }

  /** Another one takes the place of one that died. */
  #goOn(): void {
    if (this.#settings !== undefined) this.#process?.send({ type: 'configure', settings: this.#settings });
  }
}

function makePipe(path: string): void {
  try {
    // One of a reload that was undone may be there.
    rmSync(path, { force: true });
    // Node has no call for it.
    execFileSync('mkfifo', ['-m', '600', '--', path], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    throw LoggerError.noWriter((error as Error).message);
  }
}
