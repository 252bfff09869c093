/** The places in the scoreboard. The lowest free one is taken first, so that the file is read where it was written. */
export class Seats {
  readonly #taken: boolean[];

  constructor(count: number) {
    this.#taken = Array.from({ length: count }, () => false);
  }

  /** A free seat, or undefined when every one is taken. */
  take(): number | undefined {
    const seat = this.#taken.indexOf(false);
    if (seat === -1) return undefined;
    this.#taken[seat] = true;
    return seat;
  }

  free(seat: number): void {
    this.#taken[seat] = false;
  }
}
