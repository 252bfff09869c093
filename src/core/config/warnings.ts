import { type Diagnostic, formatDiagnostic } from '../errors/diagnostic.ts';

/** The warnings as lines of the log. Options without effect, of which a config that served uWSGI well may have many, share one. */
export function warningLines(warnings: readonly Diagnostic[]): string[] {
  const accepted = new Set(warnings.filter(({ rule }) => rule === 'accepted-option').map(({ option }) => option));
  const lines = warnings.filter(({ rule }) => rule !== 'accepted-option').map(formatDiagnostic);
  return accepted.size === 0 ? lines : [...lines, `accepted without effect: ${[...accepted].join(', ')} (see docs/options.md)`];
}
