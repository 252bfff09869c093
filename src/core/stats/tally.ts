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

/** A process in its place, and what its slots had counted when it sat down. */
interface Sitting {
  readonly id: number;
  readonly owner: string;
  readonly place: Place;
  readonly cores: readonly Counters[];
  readonly distributions: Distributions;
}

/** What was counted in places that were left. */
interface Past {
  readonly cores: readonly Counters[];
  readonly distributions: Distributions;
}

const NO_PAST: Past = { cores: [], distributions: Distributions.none() };

/**
 * Turns the scoreboard, whose slots count on whoever owns them, into figures for each worker id, which do not start
 * anew when its process is replaced (as uWSGI counts), and for each application. While one process replaces another, both count.
 */
export class Tally {
  readonly #scoreboard: ScoreboardReader;
  /** By seat. */
  readonly #sittings = new Map<number, Sitting>();
  readonly #pastOfIds = new Map<number, Past>();
  readonly #pastOfOwners = new Map<string, Past>();
  readonly #lives = new Map<number, Life>();

  constructor(scoreboard: ScoreboardReader) {
    this.#scoreboard = scoreboard;
  }

  /**
   * A new process of a worker id takes its place.
   *
   * @param owner the application whose worker it is
   */
  sit(id: number, place: Place, owner = ''): void {
    const { seat, threads } = place;
    const before = { cores: this.#read(place), distributions: this.#scoreboard.distributions(place) };
    this.#sittings.set(seat, { id, owner, place: { seat, threads }, ...before });
    const life = this.#lifeOf(id);
    life.spawns += 1;
    life.lastSpawn = Math.floor(Date.now() / 1000);
  }

  /** The process of a worker id leaves its place for good. */
  leave(id: number, place: Place): void {
    const sitting = this.#sittings.get(place.seat);
    if (sitting === undefined) return;
    const cores = since(sitting, this.#read(place));
    const distributions = this.#distributionsSince(sitting);
    const { owner } = sitting;
    this.#sittings.delete(place.seat);
    this.#pastOfIds.set(id, addPast(this.#pastOfIds.get(id), { cores, distributions }));
    this.#pastOfOwners.set(owner, addPast(this.#pastOfOwners.get(owner), { cores, distributions }));
  }

  /** Applications that are not among these are served no more: what they were like is forgotten, once they have no process. */
  keepOnly(owners: ReadonlySet<string>): void {
    const sitting = new Set(Array.from(this.#sittings.values(), ({ owner }) => owner));
    for (const owner of this.#pastOfOwners.keys()) if (!owners.has(owner) && !sitting.has(owner)) this.#pastOfOwners.delete(owner);
  }

  /** A request of a worker id ran longer than it may. */
  harakiri(id: number): void {
    this.#lifeOf(id).harakiris += 1;
  }

  /**
   * The figures of a worker id. Call `refresh` of the scoreboard before.
   *
   * @param place where its process sits, the one that is shown; undefined while nobody holds the id
   */
  figures(id: number, place: Place | undefined): Figures {
    const records = place === undefined ? [] : this.#scoreboard.slots(place);
    const present = place && this.#sittings.get(place.seat);
    const counted = this.#cores(this.#pastOfIds.get(id), (sitting) => sitting.id === id);
    // Cores that an earlier process had, when there were more threads, count on in the total.
    const cores = counted.slice(0, place?.threads ?? 0).map((counters, core) => ({ ...counters, record: records[core] ?? UNUSED }));
    return {
      total: sum(counted),
      delta: present ? sum(since(present, records)) : NOTHING,
      cores,
      ...this.#lifeOf(id),
    };
  }

  /** A process runs a request. Call `refresh` of the scoreboard before. */
  isBusy(place: Place): boolean {
    return this.#scoreboard.slots(place).some(({ state }) => state === 'busy');
  }

  /** What all workers of an application have counted since it is there. Call `refresh` of the scoreboard before. */
  countersOf(owner: string): Counters {
    return sum(this.#cores(this.#pastOfOwners.get(owner), (sitting) => sitting.owner === owner));
  }

  /** What the requests of a worker id were like since the server started. */
  distributions(id: number): Distributions {
    return this.#distributions(this.#pastOfIds.get(id), (sitting) => sitting.id === id);
  }

  /** What those of an application were like. */
  distributionsOf(owner: string): Distributions {
    return this.#distributions(this.#pastOfOwners.get(owner), (sitting) => sitting.owner === owner);
  }

  /** What those of the whole server were like. */
  get allDistributions(): Distributions {
    return this.#scoreboard.allDistributions;
  }

  #lifeOf(id: number): Life {
    const life = this.#lives.get(id) ?? { spawns: 0, lastSpawn: 0, harakiris: 0 };
    this.#lives.set(id, life);
    return life;
  }

  #read(place: Place): readonly Counters[] {
    return this.#scoreboard.refresh().slots(place);
  }

  #cores(past: Past = NO_PAST, isMeant: (sitting: Sitting) => boolean): readonly Counters[] {
    const present = [...this.#sittings.values()].filter(isMeant).map((sitting) => since(sitting, this.#scoreboard.slots(sitting.place)));
    return present.reduce(addEach, past.cores);
  }

  #distributions(past: Past = NO_PAST, isMeant: (sitting: Sitting) => boolean): Distributions {
    const present = [...this.#sittings.values()].filter(isMeant).map((sitting) => this.#distributionsSince(sitting));
    return present.reduce((total, each) => total.plus(each), past.distributions);
  }

  #distributionsSince({ place, distributions }: Sitting): Distributions {
    return this.#scoreboard.distributions(place).minus(distributions);
  }
}

function since({ cores }: Sitting, records: readonly Counters[]): readonly Counters[] {
  return records.map((record, core) => subtract(record, cores[core] ?? NOTHING));
}

function addPast(past: Past = NO_PAST, { cores, distributions }: Past): Past {
  return { cores: addEach(past.cores, cores), distributions: past.distributions.plus(distributions) };
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
