/**
 * The log as a file, which can be exchanged for another one while every process of the server writes to it.
 *
 *     rotate ──rename──┐
 *     reopen ──────────┴─▶ open what is at the path now ─▶ here ─▶ onReopened: all other processes, each for itself
 *
 * Nothing is lost meanwhile: until a process has opened the new file, its lines go to the old one, whatever that is called by then.
 * Everybody appends (O_APPEND), so that lines never overwrite each other.
 */
import { closeSync, constants, existsSync, fchmodSync, fchownSync, fstatSync, openSync, renameSync } from 'node:fs';
import { ServerFileError } from '../errors/accounts.ts';
import { type Log, type LogDates, type LogOutput, logTo } from './log.ts';
import { redirectOutput } from './standard-streams.ts';

export interface LogFileSettings {
  /** Empty the file that is there at the start. */
  readonly truncate: boolean;
  /** Permission bits, whatever the umask says. */
  readonly mode: number | undefined;
  /** What a rotated file is called; without one, its name and the time. */
  readonly backupName: string | undefined;
  readonly dates: LogDates;
}

/** The pipe to the log writer. */
export interface LogPipe {
  readonly path: string;
  /** What children inherit. */
  readonly fd: number;
  /** For the lines of this process: it waits for no room. */
  readonly ownFd: number;
}

interface Owner {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** uWSGI's mode for log files: the group may read. */
const DEFAULT_MODE = 0o640;
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
/** chown(2): leave it as it is. */
const SAME = -1;

/** Where the log goes: standard error until a file is opened. */
export class LogFile implements LogOutput {
  readonly log: Log;
  #settings: LogFileSettings;
  #fd: number = process.stderr.fd;
  #path: string | undefined;
  /** Whether the standard streams of this process are the log, too. */
  #hasOutput = false;
  #owner: Owner | undefined;
  /** The pipe to the log writer, where there is one. */
  #pipe: LogPipe | undefined;
  #dropped = 0;
  /** Tells the other processes that write to the log to open this path. */
  onReopened: (path: string) => void = () => undefined;
  /** Tells the log writer, where there is one, that its output is at this path now. */
  onOutputMoved: (path: string) => void = () => undefined;

  /** @param paint puts colours into lines for the terminal; undefined where standard error is none */
  constructor(settings: LogFileSettings, paint?: (line: string) => string) {
    this.#settings = settings;
    const own = () => this.#pipe?.ownFd ?? this.#fd;
    const output = {
      get fd() {
        return own();
      },
    };
    this.log = logTo(output, {
      dates: () => this.#settings.dates,
      paint: (line) => (paint === undefined || own() !== process.stderr.fd ? line : paint(line)),
      onDropped: (lines) => this.countDropped(lines),
    });
  }

  /** The descriptor that children inherit as their output; another one after each change of the file. */
  get fd(): number {
    return this.#pipe?.fd ?? this.#fd;
  }

  /** What the log writer writes to where no logger says otherwise. */
  get output(): number {
    return this.#fd;
  }

  /** From now on everybody writes into this pipe, and the log writer brings it on. */
  sendThrough(pipe: LogPipe): void {
    this.#pipe = pipe;
    this.onReopened(pipe.path);
  }

  /** The log writer is about to end. */
  sendDirectly(): void {
    this.#pipe = undefined;
  }

  /** Lines of this process that the log did not take. */
  get dropped(): number {
    return this.#dropped;
  }

  countDropped(lines: number): void {
    this.#dropped += lines;
  }

  /** Whether there is something to reopen and to rotate. */
  get isFile(): boolean {
    return this.#path !== undefined;
  }

  /** Bytes in the file; 0 for what is none. */
  get size(): number {
    return this.#path === undefined ? 0 : fstatSync(this.#fd).size;
  }

  /**
   * Goes on in this file from now on.
   *
   * @throws ServerFileError when it cannot be written
   */
  open(path: string): void {
    this.#exchange(path, this.#settings.truncate ? APPEND | constants.O_TRUNC : APPEND);
  }

  /** The process was started with the file as its output: a daemon. */
  inherit(path: string): void {
    this.#path = path;
    this.#hasOutput = true;
  }

  /** Makes the file theirs, and those that come after it. Only root can. */
  giveTo(owner: Owner): void {
    this.#owner = owner;
    if (this.#path !== undefined) this.#makeTheirs(this.#fd);
  }

  /** Goes on in whatever is at the path now: somebody else moved the file away. The log itself tells what came of it. */
  reopen(): void {
    this.#change(() => 'the log was reopened');
  }

  /** Goes by these settings from now on, and to another file if that is named. The log itself tells what came of it. */
  follow(settings: LogFileSettings, path: string | undefined): void {
    this.#settings = settings;
    if (path === undefined || this.#path === undefined || path === this.#path) return;
    this.log.event(`the log goes on in ${path}`);
    this.#change((before) => `the log up to here is in ${before}`, path);
  }

  /** Renames the file and goes on in a new one. The log itself tells what came of it. */
  rotate(): void {
    this.#change((path) => {
      const backup = this.#settings.backupName ?? unusedName(`${path}.${Math.floor(Date.now() / 1000)}`);
      rename(path, backup);
      return `the log was rotated: what came before is in ${backup}`;
    });
  }

  #change(prepare: (path: string) => string, next = this.#path): void {
    if (this.#path === undefined || next === undefined) return;
    try {
      const done = prepare(this.#path);
      this.#exchange(next, APPEND);
      // The log writer is told first: what follows in the pipe goes to the new file.
      if (this.#pipe !== undefined) this.onOutputMoved(next);
      this.log.event(done);
      if (this.#pipe === undefined) this.onReopened(next);
    } catch (error) {
      this.log.event(`${(error as Error).message}; the log goes on where it was`);
    }
  }

  #exchange(path: string, flags: number): void {
    const fd = this.#openFile(path, flags);
    if (this.#hasOutput) redirectOutput(path);
    // The standard streams are not ours to close.
    if (this.#fd > process.stderr.fd) closeSync(this.#fd);
    this.#fd = fd;
    this.#path = path;
  }

  #openFile(path: string, flags: number): number {
    try {
      const fd = openSync(path, flags, DEFAULT_MODE);
      if (this.#settings.mode !== undefined) fchmodSync(fd, this.#settings.mode);
      this.#makeTheirs(fd);
      return fd;
    } catch (error) {
      throw new ServerFileError('write the log', path, error as NodeJS.ErrnoException);
    }
  }

  #makeTheirs(fd: number): void {
    if (this.#owner !== undefined && process.getuid?.() === 0) fchownSync(fd, this.#owner.uid ?? SAME, this.#owner.gid ?? SAME);
  }
}

function rename(path: string, backup: string): void {
  try {
    renameSync(path, backup);
  } catch (error) {
    throw new ServerFileError('rename the log', path, error as NodeJS.ErrnoException);
  }
}

/** Two rotations within a second must not replace each other's file. */
function unusedName(name: string): string {
  let unused = name;
  for (let nth = 1; existsSync(unused); nth++) unused = `${name}.${nth}`;
  return unused;
}
