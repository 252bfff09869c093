/** Requests of one try, the first of which belong to the other way still. */
const REQUESTS = 320;
const SETTLING = 128;
/** So often each way is tried in one comparison; the shortest time counts, since whatever else runs on the machine only ever makes it longer. */
const TRIES = 3;
/** The other way takes the place of the one that there is where it takes so many times as long, or less. */
const GAIN = 0.95;
/** A try that takes so many times as long as the other way is given up, once some requests have ended. */
const HOPELESS = 2;
const SOME = 32;
/** Where a worker takes so long for a request as it is, threads that hand the interpreter over do not matter. */
const LONG_ENOUGH_MS = 1;
/** So many requests of a comparison may end while nobody waits: where it is more, the times are those of the clients. */
const ALONE_MAX = (2 * TRIES * REQUESTS) / 8;
/** So many requests end in a crowd before the next comparison: twice as many each time that the last one has changed nothing. */
const FIRST_AFTER = 1024;
const LAST_AFTER = 65_536;

/** What was so when a request ended. */
export interface Circumstances {
  /** In milliseconds. */
  readonly now: number;
  readonly workers: number;
  /** Those that run and those that wait. */
  readonly requests: number;
  /** They are so short that some may be sent ahead, going by those whose times say something. */
  readonly areShort: boolean;
  /** None of the last ones took very long, which others would wait for. */
  readonly areAlike: boolean;
}

/**
 * On how many threads of each worker requests run, where workers have several:
 *
 *     wide      each on an idle thread                    for those that wait for something else than the processor
 *     narrow    all on one thread, to which they are      for short ones: threads that hand the interpreter to and fro
 *               sent ahead                                take longer for that than for the requests
 *
 * Which way is faster cannot be told from the requests: in their times is what they wait for each other. So both are tried in turn, and the one that
 * answers the same number of requests sooner stays, until it is found to be the slower one.
 */
export class Breadth {
  #isNarrow = false;
  #comparison: Comparison | undefined;
  #count = 0;
  #after = FIRST_AFTER;

  get isNarrow(): boolean {
    return this.#comparison ? this.#comparison.isNarrow : this.#isNarrow;
  }

  /** The wide way is tried for comparison: the times of single requests say nothing. */
  get isReference(): boolean {
    return this.#comparison?.isNarrow === false;
  }

  /** A request has ended. */
  record(circumstances: Circumstances): void {
    const { now, areAlike } = circumstances;
    const mayBeNarrow = circumstances.areShort && areAlike;
    if (this.#comparison) {
      this.#comparison.record(circumstances);
      this.#conclude(this.#comparison, mayBeNarrow);
    } else if (this.#isNarrow && !mayBeNarrow) this.#choose(false);
    else if (areAlike && isCrowded(circumstances) && ++this.#count >= this.#after) this.#comparison = new Comparison(now);
  }

  /** A request takes so long that those behind it are better off elsewhere: that is known before it ends. */
  widen(): void {
    if (this.isNarrow) this.#choose(false);
  }

  #conclude({ ratio, isInVain }: Comparison, mayBeNarrow: boolean): void {
    if (isInVain) this.#choose(this.#isNarrow);
    else if (ratio !== undefined) this.#choose(mayBeNarrow && ratio < (this.#isNarrow ? 1 / GAIN : GAIN));
  }

  #choose(isNarrow: boolean): void {
    this.#after = isNarrow === this.#isNarrow ? Math.min(2 * this.#after, LAST_AFTER) : FIRST_AFTER;
    this.#isNarrow = isNarrow;
    this.#comparison = undefined;
    this.#count = 0;
  }
}

/** Both ways in turn, the wide one first. */
class Comparison {
  isNarrow = false;
  /** How many times as long the narrow way takes, once that is known. */
  ratio: number | undefined;
  #tries = 0;
  #count = 0;
  #alone = 0;
  /** When the try began, and when it was timed from. */
  #began: number;
  #since: number;
  /** The shortest times for one request. */
  #wideMs = Infinity;
  #narrowMs = Infinity;

  constructor(now: number) {
    this.#began = this.#since = now;
  }

  /** It is about the clients and not about the ways. */
  get isInVain(): boolean {
    return this.#alone > ALONE_MAX;
  }

  /** A request has ended. */
  record(circumstances: Circumstances): void {
    const { now, workers } = circumstances;
    if (!isCrowded(circumstances)) this.#alone++;
    this.#count++;
    if (this.#count === SETTLING) this.#since = now;
    if (this.#count === REQUESTS) this.#turn(now, workers);
    else if (this.isNarrow && now - this.#began > HOPELESS * this.#wideMs * Math.max(this.#count, SOME)) this.ratio = HOPELESS;
  }

  #turn(now: number, workers: number): void {
    const eachMs = (now - this.#since) / (REQUESTS - SETTLING);
    if (this.isNarrow) this.#narrowMs = Math.min(this.#narrowMs, eachMs);
    else this.#wideMs = Math.min(this.#wideMs, eachMs);
    this.isNarrow = !this.isNarrow;
    this.#count = 0;
    this.#began = now;
    if (this.#wideMs * workers >= LONG_ENOUGH_MS) this.ratio = 1;
    if (++this.#tries === 2 * TRIES) this.ratio = this.#narrowMs / this.#wideMs;
  }
}

function isCrowded({ workers, requests }: Circumstances): boolean {
  return requests > workers;
}
