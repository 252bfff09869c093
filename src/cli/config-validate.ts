/** `tsuwsgi config validate`: reads its own words, so that a check in a build need not wait for oclif. */
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig } from '../core/config/load.ts';
import { isVassalName } from '../core/config/vassal-name.ts';
import type { Diagnostic } from '../core/errors/diagnostic.ts';
import { lint } from '../core/lint/lint.ts';
import { realSurroundings } from '../core/lint/surroundings.ts';
import { outputColours } from './colours.ts';
import { wordsFor } from './config-file.ts';
import { asGithub, asText, type Report, reportOf } from './diagnostic-report.ts';

/** In the order of gravity: the exit status of several files is the gravest. */
const FINE = 0;
const FAULTY = 1;
const UNREADABLE = 2;

/** An option that asks for what is always so is no fault, however strict the check. */
const HARMLESS = 'accepted-option';

const FORMATS = ['text', 'json', 'github'] as const;

interface Request {
  readonly files: readonly string[];
  readonly isStrict: boolean;
  readonly format: (typeof FORMATS)[number];
}

interface Result {
  readonly file: string;
  readonly reports: readonly Report[];
  readonly status: number;
}

/** Checks each file on its own and tells what was found; returns the exit status. */
export function validate(words: readonly string[]): number {
  const request = requestFrom(words);
  if (typeof request === 'string') {
    process.stderr.write(`tsuwsgi: ${request}\nusage: tsuwsgi config validate FILE... [--strict] [--json] [--format github]\n`);
    return UNREADABLE;
  }
  const start = process.cwd();
  const results = request.files.flatMap(subjectsOf).map((subject) => {
    // Relative paths are seen from where the server would be.
    process.chdir(subject.directory);
    const result = check(subject.file, request.isStrict);
    process.chdir(start);
    return result;
  });
  tell(results, request.format);
  return Math.max(FINE, ...results.map(({ status }) => status));
}

/** What the words ask for, or what is wrong with them. */
function requestFrom(words: readonly string[]): Request | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: { strict: { type: 'boolean' }, json: { type: 'boolean' }, format: { type: 'string' } },
      allowPositionals: true,
    });
    const named = values.format ?? 'text';
    const format = FORMATS.find((one) => one === (values.json ? 'json' : named));
    if (format === undefined) return `--format takes ${FORMATS.join(', ')}, not "${named}"`;
    return positionals.length === 0 ? 'no file to validate' : { files: positionals, isStrict: values.strict ?? false, format };
  } catch (error) {
    return (error as Error).message;
  }
}

/** A config file, and where its server would be started. */
interface Subject {
  readonly file: string;
  readonly directory: string;
}

/** Of a directory, the vassals that an emperor would find there. One without any is as unreadable as before. */
function subjectsOf(file: string): readonly Subject[] {
  const directory = resolve(file);
  const vassals = namesIn(directory).filter((name) => isVassalName(name));
  if (vassals.length === 0) return [{ file, directory: '.' }];
  return vassals.sort().map((name) => ({ file: join(directory, name), directory }));
}

function namesIn(path: string): readonly string[] {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(path) : [];
}

function check(file: string, isStrict: boolean): Result {
  const words = isStrict ? ['--strict', ...wordsFor(file)] : wordsFor(file);
  const found = lint(readConfig(words, process.env), realSurroundings());
  return { file, reports: found.map((diagnostic) => reportOf(diagnostic, file)), status: statusOf(found, isStrict) };
}

function statusOf(found: readonly Diagnostic[], isStrict: boolean): number {
  // Where it is not a line that names it, it is the file to validate itself.
  if (found.some(({ rule, origin }) => rule === 'config-file' && origin.kind !== 'file')) return UNREADABLE;
  return found.some(({ severity, rule }) => severity === 'error' || (isStrict && rule !== HARMLESS)) ? FAULTY : FINE;
}

function tell(results: readonly Result[], format: Request['format']): void {
  const reports = results.flatMap((result) => result.reports);
  if (format === 'json') process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
  else
    process.stdout.write(reports.map((report) => `${format === 'github' ? asGithub(report) : asText(report, outputColours)}\n`).join(''));
  if (format === 'text') process.stderr.write(results.map((result) => `${summary(result)}\n`).join(''));
}

/** `2 errors, 1 warning in app.ini` */
function summary({ file, reports }: Result): string {
  const counts = (['error', 'warning'] as const).map((severity) =>
    counted(reports.filter((one) => one.severity === severity).length, severity),
  );
  const told = counts.filter((count) => count !== undefined);
  return told.length === 0 ? `${file}: nothing to complain about` : `${told.join(', ')} in ${file}`;
}

function counted(count: number, what: string): string | undefined {
  if (count === 0) return undefined;
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
