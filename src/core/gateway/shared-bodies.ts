import { closeSync, constants, openSync, readdirSync, readSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { encodeSharedBody } from '../wire/messages.ts';

/** The largest body that one of them holds, in bytes. */
const CAPACITY = 1024 * 1024;
/** So many there may be, with those that wait for the next body. */
const MOST = 16;
/** A new one is made only where the file system has so much room beside it: the scoreboard is there, too, and what else the system keeps in memory. */
const ROOM = 32 * 1024 * 1024;
/** For so long those wait that no body has needed. */
const SPARE_MS = 10_000;
/** The kind of file system that is in memory (statfs(2)): on a disk, what is written would be on its way there for nothing. */
const TMPFS = 0x01021994;
const OWNER_ONLY = 0o600;

/** Whether a worker that had a request is done with it for certain. */
export type Farewell = 'done' | 'unknown';

/**
 * Memory in which workers read bodies that this gateway has collected: files of tmpfs. A body goes there with one copy from the client's socket, and
 * from there with one to the application, where two sockets between would copy it twice more. They are used again and again, since fresh memory
 * costs more than a copy.
 */
export class SharedBodies {
  readonly #directory: string;
  readonly #prefix: string;
  readonly #spare: SharedBody[] = [];
  #count = 0;
  #lastName = 0;
  /** The fewest that were spare since the timer looked last. */
  #unneeded = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param directory which the workers can read
   * @param gateway which of several gateways this is: what a predecessor has left behind is removed
   */
  constructor(directory: string, gateway: number) {
    this.#directory = directory;
    const all = `${gateway}-`;
    // Unlike those of a predecessor: a worker that still has one of its requests must not find another body.
    this.#prefix = `${all}${process.pid}-`;
    for (const name of leftIn(directory)) if (name.startsWith(all)) rmSync(join(directory, name), { force: true });
  }

  /** Room for a body of this size; undefined where there is none. */
  take(size: number): SharedBody | undefined {
    if (size > CAPACITY) return undefined;
    const body = this.#spare.pop() ?? this.#make();
    this.#unneeded = Math.min(this.#unneeded, this.#spare.length);
    body?.begin();
    return body;
  }

  /** Forgets those that wait. */
  close(): void {
    clearInterval(this.#timer);
    for (const body of this.#spare.splice(0)) this.#destroy(body);
  }

  #make(): SharedBody | undefined {
    if (this.#count >= MOST || !hasRoom(this.#directory)) return undefined;
    const name = `${this.#prefix}${++this.#lastName}`;
    const path = join(this.#directory, name);
    try {
      const body = new SharedBody(name, path, (free, farewell) => this.#takeBack(free, farewell));
      this.#count++;
      return body;
    } catch {
      return undefined; // no descriptor, or no room: the body takes the other way
    }
  }

  #takeBack(body: SharedBody, farewell: Farewell): void {
    if (farewell === 'unknown') {
      // A worker that we hear nothing of may still read it, so nobody else's may ever be in it. The kernel frees it when that worker has ended.
      this.#destroy(body);
      return;
    }
    this.#spare.push(body);
    this.#timer ??= setInterval(() => this.#trim(), SPARE_MS).unref();
  }

  #trim(): void {
    for (const body of this.#spare.splice(0, this.#unneeded)) this.#destroy(body);
    this.#unneeded = this.#spare.length;
    if (this.#count > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #destroy(body: SharedBody): void {
    this.#count--;
    body.remove();
  }
}

/** Memory for one body. It is given back when all have let it go: the client's connection, and the workers that had the request. */
export class SharedBody {
  readonly #name: string;
  readonly #path: string;
  readonly #fd: number;
  readonly #giveBack: (body: SharedBody, farewell: Farewell) => void;
  #holders = 0;
  #farewell: Farewell = 'done';

  /** @throws what the file system says */
  constructor(name: string, path: string, giveBack: (body: SharedBody, farewell: Farewell) => void) {
    this.#name = name;
    this.#path = path;
    this.#giveBack = giveBack;
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, OWNER_ONLY);
  }

  /** A new body has it. */
  begin(): void {
    this.#holders = 1;
  }

  /** @throws what the file system says, mostly that it is full */
  write(bytes: Buffer, position: number): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at, bytes.length - at, position + at);
  }

  /** The first bytes of what was written. */
  read(size: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(size);
    for (let at = 0; at < size;) at += readSync(this.#fd, bytes, at, size - at, at);
    return bytes;
  }

  /** What a worker is told of a body of this size in it. */
  reference(size: number): Buffer {
    return encodeSharedBody(this.#name, size);
  }

  hold(): void {
    this.#holders++;
  }

  letGo(farewell: Farewell): void {
    if (farewell === 'unknown') this.#farewell = farewell;
    this.#holders--;
    if (this.#holders === 0) this.#giveBack(this, this.#farewell);
  }

  remove(): void {
    rmSync(this.#path, { force: true });
    closeSync(this.#fd);
  }
}

function leftIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function hasRoom(directory: string): boolean {
  try {
    const { type, bavail, bsize } = statfsSync(directory);
    return type === TMPFS && bavail * bsize >= ROOM + CAPACITY;
  } catch {
    return false; // there is no such folder
  }
}
