import { InvalidValueError } from '../errors/options.ts';
import { RouteError, RuleFlaw } from '../errors/routing.ts';
import type { Option } from './define.ts';
import type { OptionEntry } from './entry.ts';
import type { Findings } from './findings.ts';
import { declarations, findByName, lookUp, optionOf } from './names.ts';
import { type OptionName, type Options, propertyOf } from './registry.ts';

/**
 * Entries → the frozen options that the engine reads. The last value of an option wins, lists add up in order.
 * Every bad value is noted in `findings`; the result is only meaningful when there was none. Names that are no option are skipped.
 */
export function fold(entries: readonly OptionEntry[], findings: Findings): Options {
  const values = new Map<OptionName, unknown>(declarations().map(([name, option]) => [name, option.default]));
  for (const entry of entries) {
    const name = findByName(entry.name);
    if (name === undefined) continue;
    const value = findings.attempt(() => readValue(entry, optionOf(name), findings));
    if (value !== undefined) values.set(name, accumulate(optionOf(name), values.get(name), value));
  }
  if (isMasterImplied(entries)) values.set('master', true);
  return frozen(values);
}

/** The value of one entry, with a warning where it is probably not meant. */
function readValue(entry: OptionEntry, option: Option, findings: Findings): unknown {
  const text = withoutComment(entry, option, findings);
  const caution = option.caution?.(text);
  if (caution !== undefined)
    findings.warn({ rule: 'odd-value', origin: entry.origin, option: entry.name, message: `"${entry.name}": ${caution}` });
  try {
    return option.parse(text);
  } catch (error) {
    if (error instanceof RuleFlaw) throw new RouteError({ ...entry, text }, error);
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidValueError({ ...entry, text }, error.message);
  }
}

/**
 * uWSGI has no comments behind a value: `vacuum = false # not yet` is true there. Where the value is one word, the comment is
 * read as what its author meant; elsewhere it may be part of the value and stays.
 */
function withoutComment({ name, text, origin }: OptionEntry, option: Option, findings: Findings): string {
  if (option.oneWord === undefined || origin.kind !== 'file') return text;
  const comment = /(?:^|\s+)[#;].*$/.exec(text);
  if (comment === null) return text;
  const value = text.slice(0, comment.index);
  findings.warn({
    rule: 'comment-in-value',
    origin,
    option: name,
    message: `"${comment[0].trim()}" is read as a comment, and "${name}" as "${value}"; uWSGI takes it for part of the value`,
    suggestions: ['give the comment a line of its own'],
  });
  return value;
}

function accumulate(option: Option, before: unknown, value: unknown): unknown {
  if (option.repeat === 'last') return value;
  return Array.isArray(before) ? [...(before as unknown[]), value] : [value];
}

/**
 * Some options need a master, those that have no effect here included. A master that is named wins in any case, wherever it stands,
 * so that `master = false` can be said.
 */
function isMasterImplied(entries: readonly OptionEntry[]): boolean {
  if (entries.some(({ name }) => findByName(name) === 'master')) return false;
  return entries.some(({ name }) => lookUp(name)?.impliesMaster === true);
}

function frozen(values: ReadonlyMap<OptionName, unknown>): Options {
  const properties = [...values].map(([name, value]) => [propertyOf(name), Array.isArray(value) ? Object.freeze(value) : value]);
  // Each value came out of its own declaration, from which the type of its property is derived too.
  return Object.freeze(Object.fromEntries(properties) as Options);
}
