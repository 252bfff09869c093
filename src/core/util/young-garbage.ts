/** So many bytes may come and go before what they leave behind is given back. */
const PORTION = 1024 * 1024;

/**
 * The memory of Buffers that were read and are not held any more. V8 gives it back by itself, but only when it amounts to tens of megabytes;
 * where much comes for somebody who does not read it, that is more than all that is held for him. Does nothing without Node's `--expose-gc`.
 */
export class YoungGarbage {
  #bytes = 0;

  /** Buffers of so many bytes have done their service. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < PORTION) return;
    this.#bytes = 0;
    // A third of a millisecond: only what is young is looked at.
    globalThis.gc?.({ type: 'minor', execution: 'sync' });
  }
}
