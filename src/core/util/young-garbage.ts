import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** So many bytes may come and go before what they leave behind is given back. */
const PORTION = 1024 * 1024;

/**
 * The memory of Buffers that were read and are not held any more. V8 gives it back by itself, but only when it amounts to tens of megabytes;
 * where much comes for somebody who does not read it, that is more than all that is held for him.
 */
export class YoungGarbage {
  #bytes = 0;

  /** Buffers of so many bytes have done their service. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < PORTION) return;
    this.#bytes = 0;
    // A third of a millisecond: only what is young is looked at.
    globalThis.gc ??= collector();
    globalThis.gc({ type: 'minor', execution: 'sync' });
  }
}

/** V8's own, of which Node has a flag. A process that starts with it needs 10 ms more: what is compiled of Node's modules is not for that flag. */
function collector(): NodeJS.GCFunction {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as NodeJS.GCFunction;
}
