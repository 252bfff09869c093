import { formatOrigin, type Origin, type TsuwsgiError } from './error.ts';

/** Something about the configuration that the user should know: an error keeps the server from starting, a warning does not. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** The kind of finding, which never changes its meaning: `unknown-key`. An error's is its code without the prefix. */
  readonly rule: string;
  readonly origin: Origin;
  readonly message: string;
  /** The option that it is about, as it was written. */
  readonly option?: string;
  /** What to do about it; each one a complete edit. */
  readonly suggestions: readonly string[];
}

/** A diagnostic as one line of the log: `app.ini:12: there is no option "proceses"; write "processes"`. */
export function formatDiagnostic({ origin, message, suggestions }: Diagnostic): string {
  const place = origin.kind === 'default' ? '' : `${formatOrigin(origin)}: `;
  const advice = suggestions.length === 0 ? '' : `; ${suggestions.join(', or ')}`;
  return `${place}${message}${advice}`;
}

/** An error of the configuration beside the warnings. */
export function diagnosticOf({ code, origin, reason, suggestions }: TsuwsgiError): Diagnostic {
  const rule = code.replace(/^TSU_/, '').toLowerCase().replaceAll('_', '-');
  return { severity: 'error', rule, origin, message: reason, suggestions };
}
