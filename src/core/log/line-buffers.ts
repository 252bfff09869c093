/**
 * Where lines about requests wait until their slot writes them: a file that every worker maps its part of; python/tsuwsgi/linebuffers.py tells its
 * layout and writes it. A worker that is killed, or crashes, leaves its last lines there.
 */
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

const SIZE = 4096;
const LINES_AT = 4;
const NONE = Buffer.alloc(LINES_AT);

export interface LineBuffersLayout {
  readonly path: string;
  /** As many as the scoreboard has. */
  readonly slots: number;
}

/** Makes the file, which takes memory only where it is used. */
export function createLineBuffers({ path, slots }: LineBuffersLayout): void {
  const fd = openSync(path, 'wx', 0o600);
  ftruncateSync(fd, slots * SIZE);
  closeSync(fd);
}

/** The buffers as the master sees them. */
export class LineBuffers {
  /** Stays open: workers die also when there is no descriptor left. */
  readonly #fd: number;

  constructor({ path }: LineBuffersLayout) {
    this.#fd = openSync(path, 'r+');
  }

  /** What a worker that is gone has left in its slots, whole lines without the last end; each is given once. */
  takeFrom({ seat, threads }: { readonly seat: number; readonly threads: number }): string[] {
    return Array.from({ length: threads }, (_, core) => this.#take((seat + core) * SIZE)).filter((lines) => lines !== '');
  }

  #take(at: number): string {
    const bytes = Buffer.alloc(SIZE);
    readSync(this.#fd, bytes, 0, SIZE, at);
    const size = bytes.readUInt32LE();
    if (size === 0) return '';
    writeSync(this.#fd, NONE, 0, NONE.length, at);
    return bytes.toString('utf8', LINES_AT, LINES_AT + size).trimEnd();
  }
}
