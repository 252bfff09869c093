/** What each option comes to: its final value, beside its default, and where the value was set. */
import type { ConfigReading } from '../config/load.ts';
import { formatOrigin } from '../errors/error.ts';
import type { Option } from '../options/define.ts';
import type { OptionEntry } from '../options/entry.ts';
import { declarations, findByName, optionOf } from '../options/names.ts';
import { type OptionName, propertyOf } from '../options/registry.ts';

type PlainValue = string | number | boolean | null;

export interface EffectiveOption {
  readonly name: OptionName;
  readonly value: PlainValue | readonly PlainValue[];
  readonly default: PlainValue | readonly PlainValue[];
  /** Every place that had a part in a list, the deciding one otherwise; none for a default. */
  readonly origins: readonly string[];
}

type Which = 'changed' | 'all';

/** The options that differ from their default, or all of them. */
export function effectiveOptions(reading: ConfigReading, which: Which): EffectiveOption[] {
  const rows = declarations()
    // Words of the config language have done their work; they have no value that anything reads.
    .filter(([, { kind }]) => kind !== 'directive')
    .map(([name, option]) => effectiveOption(reading, name, option));
  return which === 'all' ? rows : rows.filter((row) => text(row.value) !== text(row.default));
}

function effectiveOption({ entries, options }: ConfigReading, name: OptionName, option: Option): EffectiveOption {
  const values: Readonly<Record<string, unknown>> = options;
  const tracing = name === 'direct-socket' ? whatTraces(entries) : undefined;
  return {
    name,
    value: tracing === undefined && plain(values[propertyOf(name)], option),
    default: plain(option.default, option),
    origins: tracing === undefined ? originsOf(name, option, entries) : [`implied by otlp-endpoint, ${formatOrigin(tracing.origin)}`],
  };
}

/** Of requests that have spans no worker accepts the connections itself. */
function whatTraces(entries: ConfigReading['entries']): OptionEntry | undefined {
  const last = entries.findLast(({ name }) => name === 'otlp-endpoint');
  return last?.text === 'none' ? undefined : last;
}

function originsOf(name: OptionName, option: Option, entries: ConfigReading['entries']): string[] {
  const own = entries.filter((entry) => findByName(entry.name) === name).map(({ origin }) => formatOrigin(origin));
  if (own.length === 0 && name === 'master') return whatImpliesMaster(entries);
  return option.repeat === 'append' ? own : own.slice(-1);
}

function whatImpliesMaster(entries: ConfigReading['entries']): string[] {
  const cause = entries.find((entry) => {
    const name = findByName(entry.name);
    return name !== undefined && optionOf(name).impliesMaster === true;
  });
  return cause === undefined ? [] : [`implied by ${cause.name}, ${formatOrigin(cause.origin)}`];
}

/** As text, number or truth, the way somebody would write it in a file. */
function plain(value: unknown, option: Option): EffectiveOption['value'] {
  return Array.isArray(value) ? value.map((element) => plainElement(element, option)) : plainElement(value, option);
}

function plainElement(value: unknown, { kind }: Option): PlainValue {
  if (typeof value === 'number' && kind === 'mode') return value.toString(8).padStart(3, '0');
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'object' && value !== null && 'text' in value) return String(value.text);
  return null;
}

/** Columns for a terminal. */
export function effectiveTable(rows: readonly EffectiveOption[]): string[][] {
  const body = rows.map((row) => [row.name, text(row.value), text(row.default), row.origins.join(', ') || 'default']);
  return [['option', 'value', 'default', 'set by'], ...body];
}

function text(value: EffectiveOption['value']): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return '–';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
