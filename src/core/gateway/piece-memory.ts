/** A piece of memory, and how often it is on its way to the client. */
interface Loan {
  readonly memory: Buffer;
  out: number;
}

/** So much is kept for the next. */
const SPARE_MAX = 2 * 1024 * 1024;

/** Memory for pieces of files on their way to or from the disk, all of one size: a large file goes through two or three of them. */
export class PieceMemory {
  readonly #size: number;
  /** What nobody needs at the moment. */
  readonly #spare: Buffer[] = [];
  #loan: Loan | undefined;

  /** @param size of a piece, in bytes */
  constructor(size: number) {
    this.#size = size;
  }

  /** Not of Node's pool, which one small piece that waits would keep as a whole. */
  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#size);
  }

  giveBack(memory: Buffer): void {
    if (this.#spare.length * this.#size < SPARE_MAX) this.#spare.push(memory);
  }

  /** What `send` sends to the client is in this memory. */
  lendFor(memory: Buffer, send: () => void): void {
    this.#loan = { memory, out: 0 };
    send();
    this.#loan = undefined;
  }

  /** These bytes are on their way to the client; see Source. */
  lend(): (() => void) | undefined {
    const loan = this.#loan;
    if (!loan) return undefined;
    loan.out++;
    return () => {
      loan.out--;
      if (loan.out === 0) this.giveBack(loan.memory);
    };
  }
}
