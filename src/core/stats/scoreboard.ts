/**
 * The scoreboard: a small file that every worker maps into its memory and writes in place, and that Node reads.
 * The twin is python/tsuwsgi/scoreboard.py. Little-endian; a worker has as many slots as threads, one behind the other.
 *
 *     0     "TSUS" | u32 layout version | u32 n: slots | u32 slots used so far, from the first on | zeros
 *     64    u64 × n: requests completed by each slot
 *     …     from the next multiple of 64 on, one record of 256 bytes for each slot:
 *           0 u32 state | 4 u32 request id | 8 u64 start | 16 u64 exceptions | 24 u64 bytes sent | 32 u64 running time
 *           40 u64 write errors | 48 u64 read errors | 56 u64 average response time | 64 u16 length, text of the request
 *           252 u32 milliseconds that the request may run; 0 leaves that to harakiri
 *     …     behind them, 2560 bytes for each slot: distributions.ts
 *
 * Times are microseconds, `start` of CLOCK_MONOTONIC. Counters only ever grow: a slot goes on counting for its next
 * owner, so that the sum over a column is the whole server's.
 */
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { readCounter } from './counter.ts';
import { Distributions } from './distributions.ts';

const HEAD_SIZE = 64;
const RECORD_SIZE = 256;
const REQUEST_ID_AT = 4;
const DEADLINE_AT = 252;
const LAYOUT_VERSION = 3;
const USED_AT = 12;

export interface ScoreboardLayout {
  readonly path: string;
  /** Room for more than there are threads, since an old and a new worker overlap. */
  readonly slots: number;
}

/** The slots of one worker: as many as it has threads, from its seat on. */
export interface Place {
  readonly seat: number;
  readonly threads: number;
}

/** What one slot wrote. */
export interface SlotRecord {
  readonly state: 'empty' | 'idle' | 'busy';
  /** The gateway's number of the request that runs or ran last; 0 for one of the direct door. */
  readonly requestId: number;
  /** When the running request began, on the clock of `scoreboardTimeUs`. */
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

/** A slot that nobody has used yet. */
export const UNUSED: SlotRecord = {
  state: 'empty',
  requestId: 0,
  startedAtUs: 0,
  requests: 0,
  exceptions: 0,
  bytesSent: 0,
  runningTimeUs: 0,
  writeErrors: 0,
  readErrors: 0,
  averageResponseTimeUs: 0,
  deadlineMs: 0,
  request: '',
};

/** The clock of the scoreboard: microseconds of CLOCK_MONOTONIC. */
export function scoreboardTimeUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** The two that a record's `request` is made of, as far as they are in it. */
export function methodAndUri(request: string): { readonly method: string; readonly uri: string } {
  const [method = '', ...rest] = request.split(' ');
  return { method, uri: rest.join(' ') };
}

/** Writes an empty scoreboard, which any process of this user can then map. */
export function createScoreboard({ path, slots }: ScoreboardLayout): void {
  const bytes = Buffer.alloc(HEAD_SIZE);
  bytes.write('TSUS', 'latin1');
  bytes.writeUInt32LE(LAYOUT_VERSION, 4);
  bytes.writeUInt32LE(slots, 8);
  const fd = openSync(path, 'wx', 0o600);
  writeSync(fd, bytes);
  // The rest are holes: there are more slots than most servers ever use, and those cost nothing.
  ftruncateSync(fd, distributionsStart(slots) + slots * Distributions.SIZE);
  closeSync(fd);
}

/** Writes what is the master's business; everything else the workers do. */
export class ScoreboardWriter {
  /** Stays open: a worker has to be replaced also when there is no descriptor left. */
  readonly #fd: number;
  readonly #recordsAt: number;
  #used = 0;

  constructor({ path, slots }: ScoreboardLayout) {
    this.#fd = openSync(path, 'r+');
    this.#recordsAt = recordsStart(slots);
  }

  /** Slots up to this number are or were used: so far each worker adds up after each request. */
  noteUsed(slots: number): void {
    if (slots <= this.#used) return;
    this.#used = slots;
    this.#writeWord(USED_AT, slots);
  }

  /** Nobody runs a request in this place. A worker that was killed has left one there, which its successor is not to answer for while it comes up. */
  empty({ seat, threads }: Place): void {
    for (let slot = seat; slot < seat + threads; slot++) this.#writeWord(this.#recordsAt + slot * RECORD_SIZE, STATES.indexOf('empty'));
  }

  close(): void {
    closeSync(this.#fd);
  }

  #writeWord(at: number, word: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(word);
    writeSync(this.#fd, bytes, 0, bytes.length, at);
  }
}

/** Reads a scoreboard that others write; a record may be torn, which costs one odd figure until the next look. */
export class ScoreboardReader {
  readonly #fd: number;
  /** Where the records begin. */
  readonly #recordsAt: number;
  readonly #distributionsAt: number;
  #completed: Buffer = Buffer.alloc(0);
  #records: Buffer = Buffer.alloc(0);

  constructor({ path, slots }: ScoreboardLayout) {
    this.#fd = openSync(path, 'r');
    this.#recordsAt = recordsStart(slots);
    this.#distributionsAt = distributionsStart(slots);
  }

  /** Takes in what was ever used; what `slots` tells is as of the last refresh. */
  refresh(): this {
    const used = this.#read(USED_AT, 4).readUInt32LE();
    this.#completed = this.#read(HEAD_SIZE, used * 8);
    this.#records = this.#read(this.#recordsAt, used * RECORD_SIZE);
    return this;
  }

  /** The slots of one worker, by core. */
  slots({ seat, threads }: Place): readonly SlotRecord[] {
    return Array.from({ length: threads }, (_, core) => this.#record(seat + core));
  }

  /** What the requests of one worker's slots were like, as it is now. */
  distributions({ seat, threads }: Place): Distributions {
    return Distributions.in(this.#read(this.#distributionsAt + seat * Distributions.SIZE, threads * Distributions.SIZE));
  }

  /** The same of all slots, whoever holds or held them. */
  get allDistributions(): Distributions {
    return this.distributions({ seat: 0, threads: this.#read(USED_AT, 4).readUInt32LE() });
  }

  /** Requests that all slots have completed since the server started. */
  get completed(): number {
    let sum = 0;
    for (let at = 0; at < this.#completed.length; at += 8) sum += readCounter(this.#completed, at);
    return sum;
  }

  /** The request that a slot runs or ran last, as it is now: the gateway's number of it, and the deadline of its own. */
  lastRequest(slot: number): Pick<SlotRecord, 'requestId' | 'deadlineMs'> {
    const record = this.#read(this.#recordsAt + slot * RECORD_SIZE, RECORD_SIZE);
    return { requestId: record.readUInt32LE(REQUEST_ID_AT), deadlineMs: record.readUInt32LE(DEADLINE_AT) };
  }

  close(): void {
    closeSync(this.#fd);
  }

  #read(at: number, size: number): Buffer {
    const bytes = Buffer.alloc(size);
    readSync(this.#fd, bytes, 0, size, at);
    return bytes;
  }

  #record(slot: number): SlotRecord {
    const at = slot * RECORD_SIZE;
    const bytes = this.#records;
    // Its worker was given it after the last refresh.
    if (at >= bytes.length) return UNUSED;
    const counter = (offset: number) => readCounter(bytes, at + offset);
    return {
      state: STATES[bytes.readUInt32LE(at)] ?? 'empty',
      requestId: bytes.readUInt32LE(at + REQUEST_ID_AT),
      startedAtUs: counter(8),
      requests: readCounter(this.#completed, slot * 8),
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

function distributionsStart(slots: number): number {
  return recordsStart(slots) + slots * RECORD_SIZE;
}
