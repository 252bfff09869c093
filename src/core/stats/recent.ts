/** What happened lately, for whoever looks at the server: each kind newest first, and bounded. */
export interface Recent {
  readonly errors: readonly FailedRequest[];
  readonly slow: readonly SlowRequest[];
  readonly events: readonly ServerEvent[];
  /** Errors since the start that are not among these, since too many came at once. */
  readonly untold?: number;
}

/** Which request it was. Texts are what the client said, as latin-1, and may be cut. */
export interface RequestName {
  /** Seconds since the epoch, with a fraction. */
  readonly at: number;
  readonly worker: number;
  readonly core: number;
  /** Where its application is mounted. */
  readonly application: string;
  readonly method: string;
  readonly uri: string;
}

/** One whose application raised an exception. */
export interface FailedRequest extends RequestName {
  /** The last line: `ZeroDivisionError: division by zero`. */
  readonly error: string;
  /** All of it, without frames of the server. */
  readonly traceback: string;
}

/** One that ran beyond `slow-request` or harakiri. */
export interface SlowRequest extends RequestName {
  /** How long it had run when it was looked at, in milliseconds. */
  readonly ranMs: number;
  /** Where it was then: the Python stack, most recent call last. */
  readonly stack: string;
}

/** A line of the master's about what happened: a reload, a worker that died. */
export interface ServerEvent {
  readonly at: number;
  readonly text: string;
}

/** As text: JSON. */
export function formatRecent(recent: Recent): string {
  return JSON.stringify(recent, undefined, '\t');
}
