/** Diagnostics as people, programs and build services read them. */
import type { ChalkInstance } from 'chalk';
import type { Diagnostic } from '../core/errors/diagnostic.ts';
import { formatOrigin } from '../core/errors/error.ts';

/** A diagnostic as `--json` shows it: what is not known is null. */
export interface Report {
  readonly file: string;
  readonly line: number | null;
  readonly severity: Diagnostic['severity'];
  readonly rule: string;
  readonly message: string;
  readonly option: string | null;
  readonly suggestion: string | null;
}

/** `file` is the one that was named, for what is about no line of any file. */
export function reportOf({ severity, rule, origin, message, option, suggestions }: Diagnostic, file: string): Report {
  return {
    ...(origin.kind === 'file' ? { file: origin.path, line: origin.line } : { file, line: null }),
    severity,
    rule,
    message: origin.kind === 'environment' ? `${formatOrigin(origin)}: ${message}` : message,
    option: option ?? null,
    suggestion: suggestions.length === 0 ? null : suggestions.join(', or '),
  };
}

/** `app.ini:12: warning: there is no option "proceses"; write "processes" (unknown-key)` */
export function asText(report: Report, { red, yellow }: Pick<ChalkInstance, 'red' | 'yellow'>): string {
  const { file, line, severity, rule } = report;
  return (
    printable(`${file}${line === null ? '' : `:${line}`}: `) +
    (severity === 'error' ? red : yellow)(severity) +
    printable(`: ${sentenceOf(report)} (${rule})`)
  );
}

/** A workflow command of GitHub Actions, which becomes a note beside the line. */
export function asGithub(report: Report): string {
  const { file, line, severity, rule } = report;
  const properties = { file, ...(line !== null && { line: String(line) }), title: rule };
  const written = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(value)}`);
  return `::${severity} ${written.join(',')}::${escapeData(sentenceOf(report))}`;
}

function sentenceOf({ message, suggestion }: Report): string {
  return suggestion === null ? message : `${message}; ${suggestion}`;
}

/** A value may hold anything; on a terminal it must not do anything, and each report is one line. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => {
    return character === '\n' ? '\\n' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
