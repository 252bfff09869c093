/** Whoever brings a response and can be asked to wait while its client does not read. */
export interface Source {
  /** Bytes that may wait for the client before it is asked to; without it as many as an answer of a worker may have. */
  readonly ahead?: number;
  /** These bytes are on their way to the client. Called back, if it wants to be, when nobody needs the memory any more. */
  lend?(): (() => void) | undefined;
  pause(): void;
  resume(): void;
  /** The client takes nothing more of it. */
  leave?(): void;
}
