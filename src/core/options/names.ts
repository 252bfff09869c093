/** Finds an option by any of its names: first among those that tsuwsgi has, and only then in the catalog of all others. */
import { nearest } from '../errors/nearest.ts';
import { readTopics, type Topic } from './catalog.ts';
import type { Option } from './define.ts';
import { type KnownOption, knownFrom } from './known.ts';
import { groups, type OptionName, registry } from './registry.ts';

export type { Support } from './define.ts';
export type { KnownOption } from './known.ts';

const byName = new Map<string, OptionName>();
const byLetter = new Map<string, OptionName>();

for (const [name, { aliases = [], short }] of declarations()) {
  for (const alias of [name, ...aliases]) byName.set(alias, name);
  if (short !== undefined) byLetter.set(short, name);
}

/** Every option of the registry with its name, in its order. */
export function declarations(): readonly (readonly [OptionName, Option])[] {
  return Object.entries(registry) as [OptionName, Option][];
}

export function optionOf(name: OptionName): Option {
  return registry[name];
}

/** The option of the registry with this full name or alias. Case and dashes count, as in uWSGI. */
export function findByName(name: string): OptionName | undefined {
  return byName.get(name);
}

/** The same among all options of uWSGI. */
export function lookUp(name: string): KnownOption | undefined {
  const own = byName.get(name);
  return own === undefined ? catalog().byName.get(name) : knownByName().get(own);
}

/** The option of this short letter. */
export function lookUpLetter(letter: string): KnownOption | undefined {
  const own = byLetter.get(letter);
  return own === undefined ? catalog().byLetter.get(letter) : knownByName().get(own);
}

/** `workers` → `processes`. */
export function canonicalName(name: string): string | undefined {
  return byName.get(name) ?? catalog().byName.get(name)?.name;
}

export function isKnownOption(name: string): boolean {
  return byName.has(name) || catalog().byName.has(name);
}

/** Every option of the registry. */
export function ownOptions(): readonly KnownOption[] {
  return [...knownByName().values()];
}

/** Every option of uWSGI and ours, those of the registry first. */
export function allOptions(): readonly KnownOption[] {
  return [...ownOptions(), ...catalog().options];
}

/** The options that only uWSGI has, by topic and verdict. */
export function otherOptions(): readonly Topic[] {
  return catalog().topics;
}

/** Every full name and alias. */
export function allNames(): readonly string[] {
  return [...byName.keys(), ...catalog().byName.keys()];
}

/** The names that an abbreviation may stand for. */
export function namesStartingWith(prefix: string): readonly string[] {
  return allNames().filter((name) => name.startsWith(prefix));
}

/** The names that somebody may have meant by this one. What is widely used is likelier than what is nearer. */
export function suggestNames(name: string, limit?: number): readonly string[] {
  common ??= allOptions()
    .filter(({ help }) => help !== undefined)
    .flatMap(namesOf);
  const found = nearest(name, common, limit);
  return found.length > 0 ? found : nearest(name, catalog().byName.keys(), limit);
}

/** The names of options that are supported, or that real config files use: these have a description. */
let common: readonly string[] | undefined;

export function namesOf({ name, aliases }: Pick<KnownOption, 'name' | 'aliases'>): readonly string[] {
  return [name, ...aliases];
}

let declared: ReadonlyMap<OptionName, KnownOption> | undefined;

/** Made when the first option is asked for: what only folds values needs the declarations alone. */
function knownByName(): ReadonlyMap<OptionName, KnownOption> {
  declared ??= new Map(
    groups.flatMap(({ title, options }) =>
      Object.entries(options).map(([name, option]) => [name as OptionName, knownFrom(name, option, title)]),
    ),
  );
  return declared;
}

interface Catalog {
  readonly topics: readonly Topic[];
  readonly options: readonly KnownOption[];
  readonly byName: ReadonlyMap<string, KnownOption>;
  readonly byLetter: ReadonlyMap<string, KnownOption>;
}

let others: Catalog | undefined;

/** Read only when a name is met that the registry does not have: most servers never do. */
function catalog(): Catalog {
  others ??= readCatalog();
  return others;
}

function readCatalog(): Catalog {
  const topics = readTopics();
  const options = topics.flatMap(({ tables }) => tables.flatMap((table) => table.options));
  return {
    topics,
    options,
    byName: new Map(options.flatMap((option) => namesOf(option).map((name) => [name, option]))),
    byLetter: new Map(options.flatMap((option) => (option.short === undefined ? [] : [[option.short, option]]))),
  };
}
