/** What another plan wants of a part of the server, taken beside what is there, until one of the two is called. */
export interface PreparedChange {
  /** The new workers serve: it comes into force. */
  commit(): Promise<void>;
  /** There will be none: all is as it was. */
  undo(): Promise<void>;
}

/** Of a part that stays as it is. */
export const NO_CHANGE: PreparedChange = { commit: () => Promise.resolve(), undo: () => Promise.resolve() };
