import type { ScoreboardReader, SlotRecord } from './scoreboard.ts';

/** The counters of a worker: summed over its slots. */
export interface Counters {
  readonly requests: number;
  readonly exceptions: number;
  readonly bytesSent: number;
  readonly runningTimeUs: number;
}

/** One worker's figures for the statistics. */
export interface Figures {
  /** Since the server started, over all the processes that have held this worker id. */
  readonly total: Counters;
  /** Since this process started. */
  readonly delta: Counters;
  /** Processes that have held the id, the present one included. */
  readonly spawns: number;
  /** When the present one was started: seconds since the epoch. */
  readonly lastSpawn: number;
  /** Requests of it that ran into harakiri. */
  readonly harakiris: number;
  /** Each slot since the server started. */
  readonly cores: readonly (Counters & { readonly record: SlotRecord })[];
}

/** What is counted by id and not by slot. */
interface Life {
  spawns: number;
  lastSpawn: number;
  harakiris: number;
}

const NOTHING: Counters = { requests: 0, exceptions: 0, bytesSent: 0, runningTimeUs: 0 };

/**
 * Turns the scoreboard, whose seats count on whoever sits there, into figures for each worker id, which do not start
 * anew when its process is replaced (as uWSGI counts).
 */
export class Tally {
  readonly #scoreboard: ScoreboardReader;
  readonly #threads: number;
  /** What each core of an id had counted in the seats it has left. */
  readonly #past = new Map<number, readonly Counters[]>();
  readonly #lives = new Map<number, Life>();
  /** What a seat had counted when its present worker sat down. */
  readonly #atStart = new Map<number, readonly Counters[]>();

  constructor(scoreboard: ScoreboardReader, threads: number) {
    this.#scoreboard = scoreboard;
    this.#threads = threads;
  }

  /** A new process of a worker id takes a seat. */
  sit(id: number, seat: number): void {
    this.#atStart.set(seat, this.#read(seat));
    const life = this.#lifeOf(id);
    life.spawns += 1;
    life.lastSpawn = Math.floor(Date.now() / 1000);
  }

  /** The process of a worker id leaves its seat for good. */
  leave(id: number, seat: number): void {
    const since = this.#since(seat, this.#read(seat));
    const past = this.#pastOf(id).map((counters, core) => add(counters, since[core] ?? NOTHING));
    this.#past.set(id, past);
    this.#atStart.delete(seat);
  }

  /** A request of a worker id ran longer than it may. */
  harakiri(id: number): void {
    this.#lifeOf(id).harakiris += 1;
  }

  /**
   * The figures of a worker id. Call `refresh` of the scoreboard before.
   *
   * @param seat where its process sits; undefined while nobody holds the id
   */
  figures(id: number, seat: number | undefined): Figures {
    const records = seat === undefined ? [] : this.#scoreboard.seat(seat);
    const since = seat === undefined ? [] : this.#since(seat, records);
    const cores = this.#pastOf(id).map((past, core) => ({ ...add(past, since[core] ?? NOTHING), record: records[core] ?? NO_RECORD }));
    return { total: sum(cores), delta: sum(since), cores, ...this.#lifeOf(id) };
  }

  #lifeOf(id: number): Life {
    const life = this.#lives.get(id) ?? { spawns: 0, lastSpawn: 0, harakiris: 0 };
    this.#lives.set(id, life);
    return life;
  }

  #read(seat: number): readonly Counters[] {
    return this.#scoreboard.refresh().seat(seat);
  }

  #since(seat: number, records: readonly Counters[]): readonly Counters[] {
    const start = this.#atStart.get(seat) ?? [];
    return records.map((record, core) => subtract(record, start[core] ?? NOTHING));
  }

  #pastOf(id: number): readonly Counters[] {
    return this.#past.get(id) ?? Array.from({ length: this.#threads }, () => NOTHING);
  }
}

const NO_RECORD: SlotRecord = {
  state: 'empty',
  requestId: 0,
  startedAtUs: 0,
  writeErrors: 0,
  readErrors: 0,
  averageResponseTimeUs: 0,
  deadlineMs: 0,
  request: '',
  ...NOTHING,
};

function sum(counters: readonly Counters[]): Counters {
  return counters.reduce(add, NOTHING);
}

function add(a: Counters, b: Counters): Counters {
  return combine(a, b, 1);
}

function subtract(a: Counters, b: Counters): Counters {
  return combine(a, b, -1);
}

function combine(a: Counters, b: Counters, sign: 1 | -1): Counters {
  return {
    requests: a.requests + sign * b.requests,
    exceptions: a.exceptions + sign * b.exceptions,
    bytesSent: a.bytesSent + sign * b.bytesSent,
    runningTimeUs: a.runningTimeUs + sign * b.runningTimeUs,
  };
}
