/**
 * What requests were like: how many by method and class of status, how long they took, how large their bodies were. Workers write it, each
 * slot in its own place behind the records of the scoreboard; the twin is python/tsuwsgi/distributions.py, which says where everything is.
 */

/** As the scoreboard counts them; whatever else there is comes last. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'other'] as const;
/** The first is for statuses that are none. */
export const STATUS_CLASSES = ['other', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;
/** Upper bounds of the classes of bodies, in bytes, each included; the last class has none. */
export const SIZE_BOUNDS: readonly number[] = Array.from({ length: 15 }, (_, index) => 4 ** index);
/** Upper bounds of the classes of times, in microseconds; the last class has none. */
export const TIME_BOUNDS: readonly number[] = [64, ...Array.from({ length: 94 }, (_, index) => timeBound(index))];

/** The class of `TIME_BOUNDS` that a time of so many microseconds is in. */
export function timeClassOf(microseconds: number): number {
  if (microseconds < 64) return 0;
  const octave = Math.floor(Math.log2(microseconds));
  const quarter = Math.floor((4 * microseconds) / 2 ** octave) - 4;
  return Math.min(4 * (octave - 6) + quarter + 1, TIME_BOUNDS.length);
}

const RESPONSES = 0;
const REQUEST_SIZES = RESPONSES + METHODS.length * STATUS_CLASSES.length;
const RESPONSE_SIZES = REQUEST_SIZES + SIZE_BOUNDS.length + 1;
const REQUEST_BYTES = RESPONSE_SIZES + SIZE_BOUNDS.length + 1;
const RESPONSE_BYTES = REQUEST_BYTES + 1;
const SIGNALS = RESPONSE_BYTES + 1;
const TIMES = 88;
const APPLICATIONS = 192;
const NUMBERS = 320;

/** The counters of one slot, or the sum or difference of several. */
export class Distributions {
  /** Bytes of a slot. */
  static readonly SIZE = 8 * NUMBERS;
  readonly #numbers: Float64Array;

  private constructor(numbers: Float64Array) {
    this.#numbers = numbers;
  }

  static none(): Distributions {
    return new Distributions(new Float64Array(NUMBERS));
  }

  /** @param bytes of slots that stand one behind the other: the sum of them */
  static in(bytes: Buffer): Distributions {
    const numbers = new Float64Array(NUMBERS);
    // A third of the time that `readCounter` would take for so many.
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    for (let slot = 0; slot < words.length; slot += 2 * NUMBERS) {
      for (let index = 0; index < NUMBERS; index++) {
        const at = slot + 2 * index;
        numbers[index] = (numbers[index] ?? 0) + (words[at] ?? 0) + (words[at + 1] ?? 0) * 2 ** 32;
      }
    }
    return new Distributions(numbers);
  }

  plus(other: Distributions): Distributions {
    return this.#combine(other, 1);
  }

  minus(other: Distributions): Distributions {
    return this.#combine(other, -1);
  }

  /** Requests by method and class of status. */
  responses(method: (typeof METHODS)[number], statusClass: (typeof STATUS_CLASSES)[number]): number {
    return this.#at(RESPONSES + METHODS.indexOf(method) * STATUS_CLASSES.length + STATUS_CLASSES.indexOf(statusClass));
  }

  /** Requests by class of status, whatever their method. */
  get byStatus(): Readonly<Record<(typeof STATUS_CLASSES)[number], number>> {
    const sums: Record<(typeof STATUS_CLASSES)[number], number> = { other: 0, '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 };
    for (const statusClass of STATUS_CLASSES) for (const method of METHODS) sums[statusClass] += this.responses(method, statusClass);
    return sums;
  }

  /** How many bodies of requests are in each class of `SIZE_BOUNDS`. */
  get requestSizes(): Float64Array {
    return this.#numbers.subarray(REQUEST_SIZES, RESPONSE_SIZES);
  }

  get responseSizes(): Float64Array {
    return this.#numbers.subarray(RESPONSE_SIZES, REQUEST_BYTES);
  }

  /** Bytes of all bodies of requests. */
  get requestBytes(): number {
    return this.#at(REQUEST_BYTES);
  }

  /** Bytes of all bodies of responses. */
  get responseBytes(): number {
    return this.#at(RESPONSE_BYTES);
  }

  /** Signals of the module uwsgi that were handled. */
  get signals(): number {
    return this.#at(SIGNALS);
  }

  /** How many requests are in each class of `TIME_BOUNDS`. */
  get times(): Float64Array {
    return this.#numbers.subarray(TIMES, TIMES + TIME_BOUNDS.length + 1);
  }

  /** Of the application with this number. */
  application(number: number): { readonly requests: number; readonly exceptions: number } {
    return { requests: this.#at(APPLICATIONS + 2 * number), exceptions: this.#at(APPLICATIONS + 2 * number + 1) };
  }

  #combine(other: Distributions, sign: 1 | -1): Distributions {
    const numbers = this.#numbers.slice();
    for (let index = 0; index < NUMBERS; index++) numbers[index] = (numbers[index] ?? 0) + sign * other.#at(index);
    return new Distributions(numbers);
  }

  #at(index: number): number {
    return this.#numbers[index] ?? 0;
  }
}

/** Four classes of the same width between each power of two and the next. */
function timeBound(index: number): number {
  return 64 * 2 ** Math.floor(index / 4) * (1 + ((index % 4) + 1) / 4);
}
