/** Something that will happen unless it is cancelled. */
export interface Timer {
  cancel(): void;
}

/** Runs an action later; given to whoever needs time, so that tests can hold the clock. */
export type After = (milliseconds: number, action: () => void) => Timer;

export const after: After = (milliseconds, action) => {
  const handle = setTimeout(action, milliseconds);
  return { cancel: () => clearTimeout(handle) };
};
