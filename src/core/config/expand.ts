/**
 * Puts other text in the place of placeholders, in the values of all entries and in this order:
 *
 *     $(NAME)              the environment variable; unset ones stay as they are written
 *     $(NAME:-text)        the same, or this text where it is unset or empty; with `-` alone where it is unset
 *     @(file) @(exec://…)  the text of a file or of what a scheme names
 *     %(key) %(key + 1)    the value of the first entry with this key; unknown keys stay as they are written
 *
 * As in uWSGI each entry is worked on once, in order, so a key should be defined above its use.
 */
import { PlaceholderCycleError, PlaceholderError } from '../errors/config.ts';
import type { OptionEntry } from '../options/entry.ts';
import type { Findings } from '../options/findings.ts';
import { calculate } from './arithmetic.ts';
import type { ConfigSurroundings } from './surroundings.ts';
import { SourceError, readText } from './source.ts';

/** The value for a placeholder's inner text, or undefined to leave it as it is. */
type Lookup = (inner: string) => string | undefined;

/** More than any honest value needs; `a = y%(a)` would go on for ever. */
const MOST_REPLACEMENTS = 1000;
const LONGEST = 1_048_576;

export interface Expansion {
  readonly entries: readonly OptionEntry[];
  /** Every key that was asked for as `%(key)`. */
  readonly keysUsed: ReadonlySet<string>;
}

interface ExpansionContext {
  /** Entries that have been acted upon already: they stay as they are. */
  readonly isFinal: (entry: OptionEntry) => boolean;
  readonly surroundings: ConfigSurroundings;
  readonly findings: Findings;
}

/** The entries with their values expanded. */
export function expand(entries: readonly OptionEntry[], { isFinal, surroundings, findings }: ExpansionContext): Expansion {
  const keysUsed = new Set<string>();
  const pass = (before: readonly OptionEntry[], symbol: string, lookupFor: (soFar: readonly OptionEntry[]) => Lookup): OptionEntry[] => {
    const after = [...before];
    const lookup = lookupFor(after);
    for (const [at, entry] of after.entries()) {
      if (!entry.text.includes(`${symbol}(`) || isFinal(entry)) continue;
      const text = findings.attempt(() => replaceAll(entry, symbol, lookup));
      if (text !== undefined) after[at] = { ...entry, text };
    }
    return after;
  };
  const withEnvironment = pass(entries, '$', () => (name) => environmentValue(name, surroundings.environment));
  const withFiles = pass(withEnvironment, '@', () => readText);
  const withKeys = pass(withFiles, '%', (soFar) => (inner) => keyValue(inner, soFar, keysUsed));
  return { entries: withKeys, keysUsed };
}

/** Replaces the innermost placeholders until none is left that has a value. */
function replaceAll(entry: OptionEntry, symbol: string, lookup: Lookup): string {
  let { text } = entry;
  let from = 0;
  for (let count = 0; count <= MOST_REPLACEMENTS && text.length <= LONGEST; count++) {
    const found = findPlaceholder(text, symbol, from);
    if (found === undefined) return text;
    const value = attemptLookup(entry, text.slice(found.start, found.end), () => lookup(text.slice(found.start + 2, found.end - 1)));
    if (value === undefined) {
      from = found.end;
      continue;
    }
    text = text.slice(0, found.start) + value + text.slice(found.end);
    // What was put in is looked through as well, but for the very first character: uWSGI's rule.
    from = 1;
  }
  throw new PlaceholderCycleError(entry);
}

function attemptLookup(entry: OptionEntry, placeholder: string, look: () => string | undefined): string | undefined {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new PlaceholderError(entry, placeholder, error.message);
  }
}

/** The first complete placeholder at or behind `from`. Brackets inside must match; the symbol inside begins an inner one. */
function findPlaceholder(text: string, symbol: string, from: number): { start: number; end: number } | undefined {
  let start = -1;
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === symbol) {
      start = text.charAt(at + 1) === '(' ? at : -1;
      depth = 0;
    } else if (start !== -1 && character === '(') depth++;
    else if (start !== -1 && character === ')' && --depth === 0) {
      if (at > start + 2) return { start, end: at + 1 };
      start = -1;
    }
  }
  return undefined;
}

function environmentValue(inner: string, environment: NodeJS.ProcessEnv): string | undefined {
  const exact = environment[inner];
  if (exact !== undefined) return exact;
  const [, name = '', colon, fallback] = /^(\w+)(:?)-(.*)$/s.exec(inner) ?? [];
  if (fallback === undefined) return undefined;
  const value = environment[name];
  return value === undefined || (colon === ':' && value === '') ? fallback : value;
}

function keyValue(inner: string, entries: readonly OptionEntry[], keysUsed: Set<string>): string | undefined {
  const valueOf = (key: string): string | undefined => {
    keysUsed.add(key);
    const first = entries.find(({ name, isBare }) => name === key && !isBare);
    return first?.text;
  };
  return inner.includes(' ') ? calculate(inner, valueOf) : valueOf(inner);
}
