/** Finds an option by any of its names. */
import type { Option } from './define.ts';
import { type OptionName, registry } from './registry.ts';

const byName = new Map<string, OptionName>();
const byLetter = new Map<string, OptionName>();

for (const [name, { aliases = [], short }] of declarations()) {
  for (const alias of [name, ...aliases]) byName.set(alias, name);
  if (short !== undefined) byLetter.set(short, name);
}

/** Every option with its name, in the order of the registry. */
export function declarations(): readonly (readonly [OptionName, Option])[] {
  return Object.entries(registry) as [OptionName, Option][];
}

/** Every full name and alias. */
export const allNames: readonly string[] = [...byName.keys()];

export function optionOf(name: OptionName): Option {
  return registry[name];
}

/** The option of this full name or alias. Case and dashes count, as in uWSGI. */
export function findByName(name: string): OptionName | undefined {
  return byName.get(name);
}

/** The option of this short letter. */
export function findByLetter(letter: string): OptionName | undefined {
  return byLetter.get(letter);
}

/** The names that an abbreviation may stand for. */
export function namesStartingWith(prefix: string): readonly string[] {
  return allNames.filter((name) => name.startsWith(prefix));
}
