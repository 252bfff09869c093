/**
 * The scoreboard: a small file that every worker maps into its memory and writes in place, and that Node reads.
 * The twin is python/tsuwsgi/scoreboard.py. Little-endian; slot s = seat × threads + core, n = seats × threads.
 *
 *     0     "TSUS" | u32 layout version | u32 n | u32 threads | u32 slots used so far, from the first on | zeros
 *     64    u64 × n: requests completed by each slot
 *     …     from the next multiple of 64 on, one record of 256 bytes for each slot:
 *           0 u32 state | 4 u32 request id | 8 u64 start | 16 u64 exceptions | 24 u64 bytes sent | 32 u64 running time
 *           40 u64 write errors | 48 u64 read errors | 56 u64 average response time | 64 u16 length, text of the request
 *           252 u32 milliseconds that the request may run; 0 leaves that to harakiri
 *
 * Times are microseconds, `start` of CLOCK_MONOTONIC. Counters only ever grow: a seat goes on counting when its next
 * worker sits down, so that the sum over a column is the whole server's.
 */
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

const HEAD_SIZE = 64;
const RECORD_SIZE = 256;
const DEADLINE_AT = 252;
const LAYOUT_VERSION = 1;
const USED_AT = 16;

export interface ScoreboardLayout {
  readonly path: string;
  /** Places for worker processes; more than there are workers, since an old and a new one overlap. */
  readonly seats: number;
  readonly threads: number;
}

/** What one slot wrote. */
export interface SlotRecord {
  readonly state: 'empty' | 'idle' | 'busy';
  /** The gateway's number of the request that runs or ran last; 0 for one of the direct door. */
  readonly requestId: number;
  /** When the running request began: microseconds of CLOCK_MONOTONIC, the clock of `process.hrtime`. */
  readonly startedAtUs: number;
  readonly requests: number;
  readonly exceptions: number;
  readonly bytesSent: number;
  readonly runningTimeUs: number;
  readonly writeErrors: number;
  readonly readErrors: number;
  readonly averageResponseTimeUs: number;
  /** The deadline that the running request has of its own, after its start; 0 where it has none. */
  readonly deadlineMs: number;
  /** "GET /path?query", cut to what fits. */
  readonly request: string;
}

const STATES = ['empty', 'idle', 'busy'] as const;

/** Writes an empty scoreboard, which any process of this user can then map. */
export function createScoreboard(layout: ScoreboardLayout): void {
  const slots = layout.seats * layout.threads;
  const bytes = Buffer.alloc(HEAD_SIZE);
  bytes.write('TSUS', 'latin1');
  bytes.writeUInt32LE(LAYOUT_VERSION, 4);
  bytes.writeUInt32LE(slots, 8);
  bytes.writeUInt32LE(layout.threads, 12);
  const fd = openSync(layout.path, 'wx', 0o600);
  writeSync(fd, bytes);
  // The rest are holes: there are more seats than most servers ever use, and those cost nothing.
  ftruncateSync(fd, recordsStart(slots) + slots * RECORD_SIZE);
  closeSync(fd);
}

/** Tells the workers how far to add up, since each of them does so after each request: to the last slot that was ever used. */
export function noteSlotsUsed({ path }: ScoreboardLayout, slots: number): void {
  const word = Buffer.alloc(4);
  word.writeUInt32LE(slots);
  const fd = openSync(path, 'r+');
  writeSync(fd, word, 0, word.length, USED_AT);
  closeSync(fd);
}

/** Reads a scoreboard that others write; a record may be torn, which costs one odd figure until the next look. */
export class ScoreboardReader {
  readonly #layout: ScoreboardLayout;
  readonly #fd: number;
  readonly #bytes: Buffer;

  constructor(layout: ScoreboardLayout) {
    this.#layout = layout;
    this.#fd = openSync(layout.path, 'r');
    const slots = layout.seats * layout.threads;
    this.#bytes = Buffer.alloc(recordsStart(slots) + slots * RECORD_SIZE);
  }

  /** Takes in the whole file; what the other methods tell is as of the last refresh. */
  refresh(): this {
    readSync(this.#fd, this.#bytes, 0, this.#bytes.length, 0);
    return this;
  }

  /** The slots of one seat, by core. */
  seat(seat: number): readonly SlotRecord[] {
    return Array.from({ length: this.#layout.threads }, (_, core) => this.#record(seat * this.#layout.threads + core));
  }

  close(): void {
    closeSync(this.#fd);
  }

  #record(slot: number): SlotRecord {
    const bytes = this.#bytes;
    const at = recordsStart(this.#layout.seats * this.#layout.threads) + slot * RECORD_SIZE;
    const counter = (offset: number) => Number(bytes.readBigUInt64LE(at + offset));
    return {
      state: STATES[bytes.readUInt32LE(at)] ?? 'empty',
      requestId: bytes.readUInt32LE(at + 4),
      startedAtUs: counter(8),
      requests: Number(bytes.readBigUInt64LE(HEAD_SIZE + slot * 8)),
      exceptions: counter(16),
      bytesSent: counter(24),
      runningTimeUs: counter(32),
      writeErrors: counter(40),
      readErrors: counter(48),
      averageResponseTimeUs: counter(56),
      deadlineMs: bytes.readUInt32LE(at + DEADLINE_AT),
      request: bytes.toString('latin1', at + 66, at + 66 + Math.min(bytes.readUInt16LE(at + 64), DEADLINE_AT - 66)),
    };
  }
}

function recordsStart(slots: number): number {
  return Math.ceil((HEAD_SIZE + slots * 8) / 64) * 64;
}
