import type { GatewayFigures } from '../plan/gateway-plan.ts';
import { STATUS_CLASSES, TIME_BOUNDS, timeClassOf } from '../stats/distributions.ts';

/** Who made an answer that is not a worker's: a file was found, a rule wanted it, or there was no other. */
export type Answerer = 'file' | 'rule' | 'other';

/** What a gateway has done so far. All of it is paid by requests, so it only adds. */
export class Counters {
  readonly #answers = { file: 0, rule: 0, other: 0 };
  readonly #responses = Array.from(STATUS_CLASSES, () => 0);
  readonly #waiting = Array.from({ length: TIME_BOUNDS.length + 1 }, () => 0);
  #waitedUs = 0;
  #offloaded = 0;
  #bytes = 0;
  #refused = 0;
  #hasChanged = true;

  /** @param bytes the head included */
  answered(by: Answerer, status: number, bytes: number): void {
    this.#answers[by]++;
    increase(this.#responses, classOf(status));
    this.#bytes += bytes;
    this.#hasChanged = true;
  }

  /** A worker named a file, and the gateway sends it. */
  offloaded(): void {
    this.#offloaded++;
    this.#hasChanged = true;
  }

  /** There was no room in the queue for so many requests, or they have waited too long. */
  refused(requests = 1): void {
    if (requests === 0) return;
    this.#refused += requests;
    this.#hasChanged = true;
  }

  /** A request went to a worker after this time; 0 where one was free. */
  waited(milliseconds: number): void {
    const microseconds = milliseconds * 1000;
    increase(this.#waiting, timeClassOf(microseconds));
    this.#waitedUs += microseconds;
    this.#hasChanged = true;
  }

  /** All of it, where something has changed since it was told last, or it is wanted anyway. */
  tell(isWanted: boolean): Omit<GatewayFigures, 'connections'> | undefined {
    if (!this.#hasChanged && !isWanted) return undefined;
    this.#hasChanged = false;
    return {
      answers: { ...this.#answers },
      responses: [...this.#responses],
      offloaded: this.#offloaded,
      bytes: this.#bytes,
      refused: this.#refused,
      waiting: [...this.#waiting],
      waitedUs: this.#waitedUs,
    };
  }
}

function increase(counts: number[], index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}

/** Its place in `STATUS_CLASSES`. */
function classOf(status: number): number {
  return status >= 100 && status < 600 ? Math.floor(status / 100) : 0;
}
