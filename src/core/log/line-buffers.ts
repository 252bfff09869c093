/**
 * Where lines about requests wait until their slot writes them: a file that every worker maps its part of; python/tsuwsgi/linebuffers.py tells its
 * layout and writes it. A worker that is killed, or crashes, leaves its last lines there.
 */
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

const SIZE = 16_384;
const DROPPED_AT = 4;
const WRITTEN_AT = 8;
const LINES_AT = 12;
const WORD = 4;
const NONE = Buffer.alloc(WORD);
/** For the counters, which are read one after the other: each in a buffer of its own would take twice as long, all pages at once no less. */
const COUNTER = Buffer.alloc(WORD);

export interface LineBuffersLayout {
  readonly path: string;
  /** As many as the scoreboard has. */
  readonly slots: number;
  /** Each counts in a place of its own, behind those of the slots. */
  readonly gateways: number;
}

/** Makes the file, which takes memory only where it is used. */
export function createLineBuffers({ path, slots, gateways }: LineBuffersLayout): void {
  const fd = openSync(path, 'wx', 0o600);
  ftruncateSync(fd, (slots + gateways) * SIZE);
  closeSync(fd);
}

/**
 * Counts the lines of a gateway that the log did not take, on from what its predecessors have counted.
 *
 * @param slots the places before its own
 */
export function gatewayCounter({ path, slots }: Pick<LineBuffersLayout, 'path' | 'slots'>): (lines: number) => void {
  // Not when it is needed: there may be no descriptor left then, and no line that is lost is worth a gateway.
  const fd = openSync(path, 'r+');
  return (lines) => {
    const word = Buffer.alloc(WORD);
    word.writeUInt32LE((readDropped(fd, slots) + lines) >>> 0);
    writeSync(fd, word, 0, WORD, slots * SIZE + DROPPED_AT);
  };
}

/** The buffers as the master sees them. */
export class LineBuffers {
  /** Stays open: workers die also when there is no descriptor left. */
  readonly #fd: number;
  readonly #gateways: readonly number[];
  #used = 0;

  constructor({ path, slots, gateways }: LineBuffersLayout) {
    this.#fd = openSync(path, 'r+');
    this.#gateways = Array.from({ length: gateways }, (_, index) => slots + index);
  }

  /** Slots up to this number are or were used. */
  note(slots: number): void {
    this.#used = Math.max(this.#used, slots);
  }

  /** How many lines of the gateways and of the workers, those that are gone among them, the log did not take. */
  get dropped(): number {
    const places = [...Array.from({ length: this.#used }, (_, slot) => slot), ...this.#gateways];
    return places.reduce((sum, place) => sum + readDropped(this.#fd, place), 0);
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
    const written = bytes.readUInt32LE(WRITTEN_AT);
    for (const word of [0, WRITTEN_AT]) writeSync(this.#fd, NONE, 0, NONE.length, at + word);
    return bytes.toString('utf8', LINES_AT + written, LINES_AT + size).trimEnd();
  }
}

function readDropped(fd: number, place: number): number {
  readSync(fd, COUNTER, 0, WORD, place * SIZE + DROPPED_AT);
  return COUNTER.readUInt32LE();
}
