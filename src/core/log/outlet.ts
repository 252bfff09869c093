/**
 * A descriptor for lines whose reader may stall: a collector that hangs, a terminal that somebody has stopped. The server does not wait for it.
 *
 *     write ─▶ taken at once, as nearly always
 *           └▶ waits here and is offered again
 *              └▶ dropped and counted where too much waits; the log tells how much as soon as it takes lines again
 *
 * Its twin is python/tsuwsgi/outlet.py. A file takes everything. Node cannot ask a socket whether it has room, so that one is waited for: a thread that
 * writes would not hold up requests, but the end of the process, which waits for its threads.
 */
import { closeSync, constants, fstatSync, openSync, type Stats, writeSync } from 'node:fs';
import { ctime } from './ctime.ts';

/** Bytes that wait at most. */
const ROOM = 2 ** 18;
/** A pipe takes so much as one piece, which no line of another process can part (PIPE_BUF). */
const PIECE = 4096;
const AGAIN_MS = 50;
const NEWLINE = 10;
const NOTHING = Buffer.alloc(0);
const NOT_WAITING = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK | constants.O_NOCTTY;

/** What is written to; the descriptor may be another one, or another file, at any time. */
export interface LogOutput {
  readonly fd: number;
}

/** How to write to one file: by a description of our own that does not wait, where there is one. */
interface Way {
  readonly of: number;
  readonly device: number;
  readonly inode: number;
  readonly own: number | undefined;
}

export class Outlet {
  readonly #output: LogOutput;
  #way: Way | undefined;
  readonly #waiting: Buffer[] = [];
  /** Bytes in it. */
  #size = 0;
  #again: NodeJS.Timeout | undefined;
  /** Lines that were dropped and of which the log does not tell yet. */
  #untold = 0;
  /** A full disk took the beginning of a line and then no more. */
  #isCut = false;
  readonly #onDropped: (lines: number) => void;

  /** @param onDropped is told how many lines were dropped */
  constructor(output: LogOutput, onDropped: (lines: number) => void) {
    this.#output = output;
    this.#onDropped = onDropped;
  }

  /** @param lines each with its end */
  write(lines: string): void {
    if (this.#size === 0 && this.#untold > 0) this.#tell();
    const bytes = Buffer.from(lines);
    const rest = this.#size === 0 ? this.#offer(bytes) : bytes;
    if (rest.length > 0) this.#keep(rest);
  }

  /** What there was no room for. */
  #offer(bytes: Buffer): Buffer {
    try {
      return this.#send(bytes);
    } catch (error) {
      // The terminal was closed or the disk is full: a server goes on serving without its log.
      this.#drop(error instanceof Refused ? error.rest : bytes);
      return NOTHING;
    }
  }

  /** @throws Refused */
  #send(bytes: Buffer): Buffer {
    const { of, own } = this.#look();
    let rest = bytes;
    try {
      // What follows is not to be taken for the rest of it.
      if (this.#isCut) writeSync(own ?? of, '\n');
      this.#isCut = false;
      while (rest.length > 0) rest = rest.subarray(own === undefined ? writeSync(of, rest) : writeSync(own, firstLines(rest)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return rest;
      const taken = bytes.length - rest.length;
      this.#isCut ||= taken > 0 && bytes[taken - 1] !== NEWLINE;
      throw new Refused(rest, error);
    }
    return rest;
  }

  #look(): Way {
    const { fd } = this.#output;
    const stats = fstatSync(fd);
    const { dev: device, ino: inode } = stats;
    if (this.#way?.of === fd && this.#way.device === device && this.#way.inode === inode) return this.#way;
    if (this.#way?.own !== undefined) closeSync(this.#way.own);
    this.#way = undefined;
    this.#isCut = false;
    return (this.#way = { of: fd, device, inode, own: ownDescription(fd, stats) });
  }

  #keep(lines: Buffer): void {
    if (this.#size + lines.length > ROOM) return this.#drop(lines);
    if (this.#untold > 0) this.#append(Buffer.from(this.#notice()));
    this.#untold = 0;
    this.#append(lines);
    this.#offerAgain();
  }

  #append(lines: Buffer): void {
    this.#waiting.push(lines);
    this.#size += lines.length;
  }

  #offerAgain(): void {
    if (this.#again !== undefined) return;
    // Nothing keeps a server from ending; what waits then has a last chance.
    this.#again = setInterval(() => this.#drain(), AGAIN_MS).unref();
    process.on('exit', this.#drainAtExit);
  }

  readonly #drainAtExit = (): void => this.#drain();

  #drain(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const rest = this.#offer(first);
      this.#size -= first.length - rest.length;
      if (rest.length > 0) {
        this.#waiting[0] = rest;
        return;
      }
      this.#waiting.shift();
    }
    clearInterval(this.#again);
    this.#again = undefined;
    process.off('exit', this.#drainAtExit);
    if (this.#untold > 0) this.#tell();
  }

  #tell(): void {
    try {
      const rest = this.#send(Buffer.from(this.#notice()));
      this.#untold = 0;
      if (rest.length > 0) this.#keep(rest);
    } catch {
      // It still fails.
    }
  }

  #drop(lines: Buffer): void {
    const count = lines.filter((byte) => byte === NEWLINE).length;
    this.#untold += count;
    this.#onDropped(count);
  }

  #notice(): string {
    const lines = this.#untold === 1 ? '1 line was' : `${this.#untold} lines were`;
    return `${ctime(new Date())} - ${lines} dropped: the log did not take them\n`;
  }
}

/** It cannot be written, from here on. */
class Refused extends Error {
  readonly rest: Buffer;

  constructor(rest: Buffer, cause: unknown) {
    super('refused', { cause });
    this.rest = rest;
  }
}

/** The description of the descriptor itself is everybody's, and other programs would be surprised by one that does not wait. */
function ownDescription(fd: number, stats: Stats): number | undefined {
  if (stats.isFile()) return undefined;
  try {
    return openSync(`/proc/self/fd/${fd}`, NOT_WAITING);
  } catch {
    return undefined; // a socket, or a pipe of another user
  }
}

function firstLines(bytes: Buffer): Buffer {
  if (bytes.length <= PIECE) return bytes;
  const end = bytes.lastIndexOf(NEWLINE, PIECE - 1) + 1;
  return bytes.subarray(0, end || PIECE);
}
