import type { OptionEntry } from '../options/entry.ts';
import type { Findings } from '../options/findings.ts';
import { findByName, optionOf } from '../options/names.ts';
import { type OptionName, type Options, propertyOf } from '../options/registry.ts';

/** The configuration as a whole. */
export interface Whole {
  readonly options: Options;
  readonly environment: NodeJS.ProcessEnv;
}

/** Tells of options that do nothing, since another one is missing or has their place. */
export function reportOptionsInVain(entries: readonly OptionEntry[], whole: Whole, findings: Findings): void {
  for (const { name, origin } of entries) {
    const known = findByName(name);
    if (known === undefined || !isThere(known, whole)) continue;
    const { needs = [], overruled } = optionOf(known);
    const warn = (why: string, suggestions: readonly string[]): void =>
      findings.warn({ rule: 'option-in-vain', origin, option: name, message: `"${name}" does nothing ${why}`, suggestions });
    if (needs.length > 0 && !needs.some((need) => isThere(need, whole)))
      warn(`without ${either(needs)}`, [`add ${example(needs)}`, 'remove it']);
    if (overruled !== undefined && isThere(overruled.by, whole)) warn(`beside "${overruled.by}"`, [overruled.instead, 'remove it']);
  }
}

/** An option that is not what it would be anyway, or a variable with something in it. */
function isThere(name: string, { options, environment }: Whole): boolean {
  if (name.startsWith('$')) return (environment[name.slice(1)] ?? '') !== '';
  const value: unknown = (options as Readonly<Record<string, unknown>>)[propertyOf(name as OptionName)];
  return Array.isArray(value) ? value.length > 0 : value !== optionOf(name as OptionName).default;
}

function either(names: readonly string[]): string {
  return names.map((name) => (name.startsWith('$') ? name.slice(1) : `"${name}"`)).join(' or ');
}

/** How the first of them is written. */
function example([name = '']: readonly string[]): string {
  const { arity, metavar = 'VALUE' } = optionOf(name as OptionName);
  return `"${name} = ${arity === 'none' ? 'true' : metavar}"`;
}
