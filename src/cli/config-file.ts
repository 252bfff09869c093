/** What the commands about config files share. */
import type { ConfigFormat } from '../core/config/formats/document.ts';
import { formatOf } from '../core/config/formats/read.ts';
import type { Diagnostic } from '../core/errors/diagnostic.ts';
import { formatOrigin, type Origin } from '../core/errors/error.ts';
import { errorColours } from './colours.ts';
import { asText, reportOf } from './diagnostic-report.ts';

export const FORMATS: readonly ConfigFormat[] = ['ini', 'yaml', 'json', 'xml'];

/** Named so in usage and help. The text of a config file may come from standard input, which oclif would otherwise take for a name. */
export const FILE_ARGUMENT = { description: 'a config file, FILE:SECTION, or - for standard input', ignoreStdin: true };

/** The words by which the server would be given this file. */
export function wordsFor(file: string): readonly string[] {
  return formatOf(file) === undefined ? [`--${formatOfSource(file)}`, file] : [file];
}

/** By the suffix, be there a section behind it or not; what has none is taken for INI. */
export function formatOfSource(file: string): ConfigFormat {
  return formatOf(file) ?? formatOf(file.replace(/:[^:/]*$/, '')) ?? 'ini';
}

/** Says on standard error what is wrong. An error sets the exit status, and what could be read is shown all the same. */
export function tell(diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) process.stderr.write(`${asText(reportOf(diagnostic, nameOf(diagnostic.origin)), errorColours)}\n`);
  if (diagnostics.some(({ severity }) => severity === 'error')) process.exitCode = 1;
}

/** What a message begins with that is about no line of a file. */
function nameOf(origin: Origin): string {
  if (origin.kind === 'environment') return 'environment';
  return origin.kind === 'default' ? 'tsuwsgi' : formatOrigin(origin);
}
