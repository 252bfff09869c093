import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** A file without a name, in a directory (open(2)). Node does not name the flag; it is this on all systems on which Node runs. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;
/** What kernels and file systems say that do not know it. */
const UNKNOWN = ['EOPNOTSUPP', 'EISDIR', 'EINVAL'];
const OWNER_ONLY = 0o600;

export interface SpoolEvents {
  /** All that was appended is written. */
  written(): void;
  /** It cannot be written or read; nothing more comes of it. */
  failed(error: Error): void;
}

/**
 * A temporary file, written at its end and read anywhere. It has no name, so the kernel forgets it with its descriptor: nothing of it is left,
 * however this process ends. It is closed once nothing is under way on it.
 */
export class SpoolFile {
  readonly #events: SpoolEvents;
  readonly #file: Promise<FileHandle>;
  #size = 0;
  #pending: Buffer[] = [];
  #pendingSize = 0;
  #isWriting = false;
  #isClosed = false;
  /** What is under way, one after the other. */
  #last: Promise<void>;

  constructor(directory: string, events: SpoolEvents) {
    this.#events = events;
    this.#file = openUnnamed(directory);
    this.#last = this.#file.then(
      () => undefined,
      (error: unknown) => this.#fail(error),
    );
  }

  /** Bytes that wait to be written. */
  get pending(): number {
    return this.#pendingSize;
  }

  append(piece: Buffer): void {
    this.#pending.push(piece);
    this.#pendingSize += piece.length;
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#do((file) => this.#write(file));
  }

  /** Gives at most so many bytes from this position on. */
  read(position: number, size: number, take: (bytes: Buffer) => void): void {
    this.#do(async (file) => {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(size), 0, size, position);
      if (bytesRead === 0) throw new Error('the file is shorter than what was written to it');
      if (!this.#isClosed) take(buffer.subarray(0, bytesRead));
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pending = [];
    void this.#last.then(async () => (await this.#file).close()).catch(() => undefined); // it was never open
  }

  #do(work: (file: FileHandle) => Promise<void>): void {
    this.#last = this.#last
      .then(async () => (this.#isClosed ? undefined : work(await this.#file)))
      .catch((error: unknown) => this.#fail(error));
  }

  async #write(file: FileHandle): Promise<void> {
    while (this.#pending.length > 0 && !this.#isClosed) {
      const { bytesWritten } = await file.writev(this.#pending, this.#size);
      this.#size += bytesWritten;
      this.#pendingSize -= bytesWritten;
      this.#pending = dropFirst(this.#pending, bytesWritten);
    }
    this.#isWriting = false;
    if (!this.#isClosed) this.#events.written();
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#events.failed(error as Error);
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

/** A write may take less than it was given. */
function dropFirst(pieces: readonly Buffer[], count: number): Buffer[] {
  let [at, left] = [0, count];
  for (let piece = pieces[at]; piece && piece.length <= left; piece = pieces[at]) {
    left -= piece.length;
    at++;
  }
  const [first, ...rest] = pieces.slice(at);
  return first ? [first.subarray(left), ...rest] : [];
}
