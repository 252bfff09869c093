/**
 * The scoreboard: a small file that every worker maps into its memory and writes in place, and that Node reads.
 * The twin is python/tsuwsgi/scoreboard.py. Little-endian; slot s = seat × threads + core, n = seats × threads.
 *
 *     0     "TSUS" | u32 layout version | u32 n | u32 threads | zeros
 *     64    u64 × n: requests completed by each slot
 *     …     from the next multiple of 64 on, one record of 256 bytes for each slot:
 *           0 u32 state | 4 u32 request id | 8 u64 start | 16 u64 exceptions | 24 u64 bytes sent | 32 u64 running time
 *           40 u64 write errors | 48 u64 read errors | 56 u64 average response time | 64 u16 length, text of the request
 *
 * Times are microseconds, `start` of CLOCK_MONOTONIC. Counters only ever grow: a seat goes on counting when its next
 * worker sits down, so that the sum over a column is the whole server's.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

const HEAD_SIZE = 64;
const RECORD_SIZE = 256;
const LAYOUT_VERSION = 1;

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
  /** "GET /path?query", cut to what fits. */
  readonly request: string;
}

const STATES = ['empty', 'idle', 'busy'] as const;

/** Writes an empty scoreboard, which any process of this user can then map. */
export function createScoreboard(layout: ScoreboardLayout): void {
  const slots = layout.seats * layout.threads;
  const bytes = Buffer.alloc(recordsStart(slots) + slots * RECORD_SIZE);
  bytes.write('TSUS', 'latin1');
  bytes.writeUInt32LE(LAYOUT_VERSION, 4);
  bytes.writeUInt32LE(slots, 8);
  bytes.writeUInt32LE(layout.threads, 12);
  const fd = openSync(layout.path, 'wx', 0o600);
  writeSync(fd, bytes);
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
      request: bytes.toString('latin1', at + 66, at + 66 + Math.min(bytes.readUInt16LE(at + 64), RECORD_SIZE - 66)),
    };
  }
}

function recordsStart(slots: number): number {
  return Math.ceil((HEAD_SIZE + slots * 8) / 64) * 64;
}
