/** Config files in plain words: what each line is, what becomes of it, and who has the last word. */
import type { ConfigPair } from '../config/formats/document.ts';
import type { ConfigFile, ConfigReading } from '../config/load.ts';
import type { Diagnostic } from '../errors/diagnostic.ts';
import { formatOrigin } from '../errors/error.ts';
import type { OptionEntry } from '../options/entry.ts';
import type { KnownOption } from '../options/known.ts';
import { canonicalName, lookUp } from '../options/names.ts';
import { asSentence } from './sentence.ts';

export interface Explanation {
  /** `app.ini:12` */
  readonly place: string;
  readonly written: string;
  readonly sentences: readonly string[];
}

/** Every line of every file that was read, in the order of reading; and what is said of none of them, but of the command line, say. */
export function explain(reading: ConfigReading): { lines: Explanation[]; others: Diagnostic[] } {
  const facts = collectFacts(reading);
  const lines = reading.files.flatMap((file) => file.document.pairs.map((pair) => explainPair(file, pair, facts)));
  const places = new Set(lines.map(({ place }) => place));
  return { lines, others: reading.diagnostics.filter(({ origin }) => !places.has(formatOrigin(origin))) };
}

/** What all files together tell about a line. */
interface Facts {
  /** What became of the line at a place: nothing where a condition does not hold, several entries in a loop. */
  readonly entries: ReadonlyMap<string, readonly OptionEntry[]>;
  readonly diagnostics: ReadonlyMap<string, readonly Diagnostic[]>;
  /** By canonical name, the entry that counts where only one does. */
  readonly last: ReadonlyMap<string, OptionEntry>;
  /** By key, the places whose values ask for it. */
  readonly users: ReadonlyMap<string, readonly string[]>;
}

function collectFacts({ entries, diagnostics, files }: ConfigReading): Facts {
  const uses = files.flatMap(({ path, document }) =>
    document.pairs.flatMap((pair) => keysUsedBy(pair).map((key) => ({ key, place: `${path}:${pair.line}` }))),
  );
  return {
    entries: groupBy(entries, ({ origin }) => formatOrigin(origin)),
    diagnostics: groupBy(diagnostics, ({ origin }) => formatOrigin(origin)),
    last: new Map(entries.map((entry) => [canonicalName(entry.name) ?? entry.name, entry])),
    users: new Map([...groupBy(uses, ({ key }) => key)].map(([key, found]) => [key, [...new Set(found.map(({ place }) => place))]])),
  };
}

/** `%(base)`, `%(port + 1)`, `if-opt = base` */
function keysUsedBy({ key, value }: ConfigPair): string[] {
  const tested = /^if-?(not-?)?opt$/.test(key) ? [value.replace(/=.*/s, '')] : [];
  return [...tested, ...[...value.matchAll(/%\(([^)]*)\)/g)].flatMap(([, inside = '']) => inside.split(' '))];
}

function explainPair(file: ConfigFile, pair: ConfigPair, facts: Facts): Explanation {
  const place = `${file.path}:${pair.line}`;
  const known = lookUp(pair.key);
  const entries = facts.entries.get(place) ?? [];
  const diagnostics = facts.diagnostics.get(place) ?? [];
  const written = writtenAs(file, pair);
  return {
    place,
    written,
    sentences: [
      ...(known === undefined ? whatAnUnknownKeyIs(facts.users.get(pair.key), diagnostics) : whatAnOptionIs(known, pair.key)),
      ...(entries.length === 0 && diagnostics.length === 0 ? ['Passed over: the lines around it decide so.'] : []),
      ...whatBecomesOf(entries, written),
      ...whoOverrides(entries.at(-1), known, facts),
      ...diagnostics.filter(isNews).map(inWords),
    ],
  };
}

/** As the file has it where that is a line of its own; magic variables such as `%d` are still in it. */
function writtenAs({ format, text }: ConfigFile, { key, value, line }: ConfigPair): string {
  const raw = format === 'ini' ? text.split('\n', line).at(-1)?.trim() : undefined;
  return raw?.startsWith(key) === true ? raw : `${key} = ${value}`.trimEnd();
}

function whatAnOptionIs({ name, help, support, note, instead }: KnownOption, key: string): string[] {
  return [
    help === undefined ? '' : asSentence(help),
    name === key ? '' : `Another name of "${name}".`,
    SUPPORT[support],
    note ?? '',
    instead === undefined ? '' : asSentence(instead),
  ].filter((one) => one !== '');
}

const SUPPORT: Readonly<Record<KnownOption['support'], string>> = {
  full: '',
  partial: 'Supported in part.',
  accepted: 'Accepted without effect.',
  unsupported: 'Not supported by tsuwsgi.',
};

function whatAnUnknownKeyIs(users: readonly string[] = [], diagnostics: readonly Diagnostic[]): string[] {
  if (users.length > 0) return [`No option but a placeholder, used in ${users.join(', ')}.`];
  return diagnostics.length > 0 ? [] : ['No option.'];
}

function whatBecomesOf(entries: readonly OptionEntry[], written: string): string[] {
  const values = [...new Set(entries.map(({ text }) => text))].filter((text) => !written.endsWith(text));
  return values.length === 0 ? [] : [`Here it is ${values.map((text) => `"${text}"`).join(', then ')}.`];
}

/** Of an option that has one value only, the entry that comes last counts. */
function whoOverrides(entry: OptionEntry | undefined, known: KnownOption | undefined, facts: Facts): string[] {
  if (entry === undefined || known === undefined || known.isRepeatable) return [];
  const last = facts.last.get(known.name);
  if (last === undefined || last === entry) return [];
  return [`Overridden by ${formatOrigin(last.origin)}: ${last.name} = ${last.text}.`];
}

/** Warnings about the option as such only repeat what it is. */
function isNews({ severity, rule }: Diagnostic): boolean {
  return severity === 'error' || (rule !== 'accepted-option' && rule !== 'unsupported-option');
}

function inWords({ severity, message, suggestions }: Diagnostic): string {
  return asSentence([`${severity}: ${message}`, suggestions.join(', or ')].filter((part) => part !== '').join('; '));
}

function groupBy<Value>(values: readonly Value[], keyOf: (value: Value) => string): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
