import { formatOrigin, type Origin } from './error.ts';

/** Something the user should know that does not keep the server from starting. */
export interface Diagnostic {
  readonly origin: Origin;
  readonly message: string;
  /** What to do about it; each one a complete edit. */
  readonly suggestions: readonly string[];
}

/** A diagnostic as one line of the log: `app.ini:12: there is no option "proceses"; write "processes"`. */
export function formatDiagnostic({ origin, message, suggestions }: Diagnostic): string {
  const place = origin.kind === 'default' ? '' : `${formatOrigin(origin)}: `;
  const advice = suggestions.length === 0 ? '' : `; ${suggestions.join(', or ')}`;
  return `${place}${message}${advice}`;
}
