/** A piece of at least so many bytes is kept as it is; smaller ones are copied together, since each object costs more than it holds. */
const LARGE = 8 * 1024;

/** Bytes that come in pieces and are kept in the order in which they came, without growing by copying. */
export class HeldPieces {
  #pieces: Buffer[] = [];
  #size = 0;
  /** Room for small pieces, of which the first `#used` bytes are taken. */
  #block = Buffer.alloc(0);
  #used = 0;

  get size(): number {
    return this.#size;
  }

  push(piece: Buffer): void {
    this.#size += piece.length;
    if (piece.length >= LARGE) {
      this.#endBlock();
      this.#pieces.push(piece);
      return;
    }
    if (this.#used + piece.length > this.#block.length) {
      this.#endBlock();
      this.#block = Buffer.allocUnsafeSlow(2 * LARGE);
    }
    this.#block.set(piece, this.#used);
    this.#used += piece.length;
  }

  /** All of it, in pieces. */
  get pieces(): readonly Buffer[] {
    this.#endBlock();
    return this.#pieces;
  }

  clear(): void {
    this.#pieces = [];
    this.#size = 0;
    this.#block = Buffer.alloc(0);
    this.#used = 0;
  }

  /** What is in the block becomes a piece; the rest of the block serves on. */
  #endBlock(): void {
    if (this.#used === 0) return;
    this.#pieces.push(this.#block.subarray(0, this.#used));
    this.#block = this.#block.subarray(this.#used);
    this.#used = 0;
  }
}
