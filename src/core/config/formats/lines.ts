/** The lines of a text, for parsers that count characters. */
export class Lines {
  readonly #text: string;
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.#text = text;
    this.#starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  }

  /** The number of the line in which a character stands, counted from 1. */
  at(offset: number): number {
    let [low, high] = [0, this.#starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#start(middle) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  /** Whether nothing but blanks stands before it in its line. */
  isFirst(offset: number): boolean {
    return this.#text.slice(this.#start(this.at(offset) - 1), offset).trim() === '';
  }

  #start(index: number): number {
    return this.#starts[index] ?? this.#text.length;
  }
}
