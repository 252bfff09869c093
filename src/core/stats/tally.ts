import { Distributions } from './distributions.ts';
import { type Place, type ScoreboardReader, type SlotRecord, UNUSED } from './scoreboard.ts';

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
 * Turns the scoreboard, whose slots count on whoever owns them, into figures for each worker id, which do not start
 * anew when its process is replaced (as uWSGI counts).
 */
export class Tally {
  readonly #scoreboard: ScoreboardReader;
  /** What each core of an id had counted in the places it has left. */
  readonly #past = new Map<number, readonly Counters[]>();
  readonly #lives = new Map<number, Life>();
  /** What the slots from a seat on had counted when its present worker sat down. */
  readonly #atStart = new Map<number, readonly Counters[]>();
  /** The same two for what requests were like, which is not told core by core. */
  readonly #pastDistributions = new Map<number, Distributions>();
  readonly #distributionsAtStart = new Map<number, Distributions>();

  constructor(scoreboard: ScoreboardReader) {
    this.#scoreboard = scoreboard;
  }

  /** A new process of a worker id takes its place. */
  sit(id: number, place: Place): void {
    this.#atStart.set(place.seat, this.#read(place));
    this.#distributionsAtStart.set(place.seat, this.#scoreboard.distributions(place));
    const life = this.#lifeOf(id);
    life.spawns += 1;
    life.lastSpawn = Math.floor(Date.now() / 1000);
  }

  /** The process of a worker id leaves its place for good. */
  leave(id: number, place: Place): void {
    this.#past.set(id, addEach(this.#pastOf(id), this.#since(place.seat, this.#read(place))));
    this.#atStart.delete(place.seat);
    this.#pastDistributions.set(id, this.distributions(id, place));
    this.#distributionsAtStart.delete(place.seat);
  }

  /** A request of a worker id ran longer than it may. */
  harakiri(id: number): void {
    this.#lifeOf(id).harakiris += 1;
  }

  /**
   * The figures of a worker id. Call `refresh` of the scoreboard before.
   *
   * @param place where its process sits; undefined while nobody holds the id
   */
  figures(id: number, place: Place | undefined): Figures {
    const records = place === undefined ? [] : this.#scoreboard.slots(place);
    const since = place === undefined ? [] : this.#since(place.seat, records);
    const counted = addEach(this.#pastOf(id), since);
    // Cores that an earlier process had, when there were more threads, count on in the total.
    const cores = counted.slice(0, place?.threads).map((counters, core) => ({ ...counters, record: records[core] ?? UNUSED }));
    return { total: sum(counted), delta: sum(since), cores, ...this.#lifeOf(id) };
  }

  /**
   * What the requests of a worker id were like since the server started.
   *
   * @param place where its process sits; undefined while nobody holds the id
   */
  distributions(id: number, place: Place | undefined): Distributions {
    const past = this.#pastDistributions.get(id) ?? Distributions.none();
    if (place === undefined) return past;
    const before = this.#distributionsAtStart.get(place.seat) ?? Distributions.none();
    return past.plus(this.#scoreboard.distributions(place)).minus(before);
  }

  #lifeOf(id: number): Life {
    const life = this.#lives.get(id) ?? { spawns: 0, lastSpawn: 0, harakiris: 0 };
    this.#lives.set(id, life);
    return life;
  }

  #read(place: Place): readonly Counters[] {
    return this.#scoreboard.refresh().slots(place);
  }

  #since(seat: number, records: readonly Counters[]): readonly Counters[] {
    const start = this.#atStart.get(seat) ?? [];
    return records.map((record, core) => subtract(record, start[core] ?? NOTHING));
  }

  #pastOf(id: number): readonly Counters[] {
    return this.#past.get(id) ?? [];
  }
}

/** Core by core, as many as the longer one has. */
function addEach(a: readonly Counters[], b: readonly Counters[]): readonly Counters[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, core) => add(a[core] ?? NOTHING, b[core] ?? NOTHING));
}

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
