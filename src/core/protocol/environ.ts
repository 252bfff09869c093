/** Where a parser writes the environ of a request. The gateway gives it wire/marshal.ts; a parser knows nothing of marshal. */
export interface EnvironWriter {
  /** A pair whose value is the bytes of `source` from `from` up to `to`, one character each. */
  pair(key: EnvironKey, source: Uint8Array, from: number, to: number): void;
  /** The same for a value that is a string of latin-1 characters. */
  text(key: EnvironKey, value: string): void;
}

/** A key in the form that the writer wants, made once by `EncodeKey`. */
export type EnvironKey = Uint8Array;

export type EncodeKey = (name: string) => EnvironKey;
