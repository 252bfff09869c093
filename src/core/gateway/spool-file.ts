import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { PieceMemory } from './piece-memory.ts';

/** A file without a name, in a directory (open(2)). Node does not name the flag; it is this on all systems on which Node runs. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;
/** What kernels and file systems say that do not know it. */
const UNKNOWN = ['EOPNOTSUPP', 'EISDIR', 'EINVAL'];
const OWNER_ONLY = 0o600;

/** Memory of which the bytes in between wait. */
interface Block {
  readonly memory: Buffer;
  from: number;
  to: number;
}

export interface SpoolEvents {
  /** More of what was appended is written; `pending` tells whether all of it is. */
  written(): void;
  /** It cannot be written, and nothing more will be; or it cannot be read. Said once. */
  failed(error: Error, at: 'write' | 'read'): void;
}

/**
 * A temporary file, written at its end and read anywhere. It has no name, so the kernel forgets it with its descriptor: nothing of it is left,
 * however this process ends. It is closed once nothing is under way on it.
 */
export class SpoolFile {
  readonly #events: SpoolEvents;
  readonly #memory: PieceMemory;
  readonly #file: Promise<FileHandle>;
  #size = 0;
  /** Copies of what waits to be written, so that what came can be forgotten while the disk takes its time. */
  readonly #blocks: Block[] = [];
  #isWriting = false;
  #hasFailed = false;
  #isClosed = false;
  /** What is under way, one after the other. */
  #last: Promise<void>;

  constructor(directory: string, memory: PieceMemory, events: SpoolEvents) {
    this.#events = events;
    this.#memory = memory;
    this.#file = openUnnamed(directory);
    this.#last = this.#file.then(
      () => undefined,
      (error: unknown) => this.#fail(error, 'write'),
    );
  }

  /** Bytes that are written and can be read. */
  get size(): number {
    return this.#size;
  }

  /** Bytes that wait to be written. */
  get pending(): number {
    return this.#blocks.reduce((size, { from, to }) => size + to - from, 0);
  }

  append(piece: Buffer): void {
    for (let at = 0; at < piece.length;) at += this.#copy(piece, at);
    if (this.#blocks.length === 0 || this.#isWriting || this.#hasFailed || this.#isClosed) return;
    this.#isWriting = true;
    this.#do('write', (file) => this.#write(file));
  }

  /** Fills at most this memory from this position on. */
  read(position: number, memory: Buffer, take: (bytes: Buffer) => void): void {
    this.#do('read', async (file) => {
      const { bytesRead } = await file.read(memory, 0, memory.length, position);
      if (bytesRead === 0) throw new Error('the file is shorter than what was written to it');
      if (!this.#isClosed) take(memory.subarray(0, bytesRead));
    });
  }

  /** What it could not write. It holds that no more. */
  takeUnwritten(): readonly Buffer[] {
    return this.#blocks.splice(0).map(contentOf);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    void this.#last.then(async () => (await this.#file).close()).catch(() => undefined); // it was never open
  }

  #do(what: 'write' | 'read', work: (file: FileHandle) => Promise<void>): void {
    this.#last = this.#last
      .then(async () => (this.#isClosed ? undefined : work(await this.#file)))
      .catch((error: unknown) => this.#fail(error, what));
  }

  /** One piece of work and no more, so that those who read have their turn. */
  async #write(file: FileHandle): Promise<void> {
    const { bytesWritten } = await file.writev(this.#blocks.map(contentOf), this.#size);
    this.#size += bytesWritten;
    this.#drop(bytesWritten);
    if (this.#isClosed) return;
    if (this.#blocks.length > 0) this.#do('write', () => this.#write(file));
    else this.#isWriting = false;
    this.#events.written();
  }

  #fail(error: unknown, at: 'write' | 'read'): void {
    if (this.#isClosed || this.#hasFailed) return;
    this.#hasFailed = true;
    this.#events.failed(error as Error, at);
  }

  /** Takes as much of a piece as has room in one block, and says how much. */
  #copy(piece: Buffer, at: number): number {
    let block = this.#blocks.at(-1);
    if (!block || block.to === block.memory.length) {
      block = { memory: this.#memory.take(), from: 0, to: 0 };
      this.#blocks.push(block);
    }
    const copied = piece.copy(block.memory, block.to, at);
    block.to += copied;
    return copied;
  }

  /** A write may take less than it was given. */
  #drop(count: number): void {
    let left = count;
    for (let block = this.#blocks[0]; block && left > 0; block = this.#blocks[0]) {
      const dropped = Math.min(left, block.to - block.from);
      block.from += dropped;
      left -= dropped;
      if (block.from < block.to) return;
      this.#memory.giveBack(block.memory);
      this.#blocks.shift();
    }
  }
}

async function openUnnamed(directory: string): Promise<FileHandle> {
  try {
    return await open(directory, O_TMPFILE | constants.O_RDWR, OWNER_ONLY);
  } catch (error) {
    if (!UNKNOWN.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  const path = join(directory, `tsuwsgi-body-${randomUUID()}`);
  const file = await open(path, 'wx+', OWNER_ONLY);
  await unlink(path);
  return file;
}

function contentOf({ memory, from, to }: Block): Buffer {
  return memory.subarray(from, to);
}
