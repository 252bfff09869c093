/** Everything that sets options, brought into one order, expanded and read. */
import type { Diagnostic } from '../errors/diagnostic.ts';
import { PlaceholderError } from '../errors/config.ts';
import { parseArgv } from '../options/argv.ts';
import type { OptionEntry } from '../options/entry.ts';
import { Findings } from '../options/findings.ts';
import { fold } from '../options/fold.ts';
import { lookUp } from '../options/names.ts';
import type { Options } from '../options/registry.ts';
import { environmentEntries } from './environment.ts';
import { expand, type Expansion } from './expand.ts';
import { reportOptionsInVain } from './in-vain.ts';
import { type ConfigFile, ConfigReader } from './reader.ts';
import { type ConfigSurroundings, surroundingsOf } from './surroundings.ts';
import { reportUnknownKeys } from './unknown.ts';

export type { ConfigFile } from './reader.ts';

/** All that can be said about a configuration without starting anything. */
export interface ConfigReading {
  /** In the order in which it counts, after all placeholders and logic; names that are no option included. */
  readonly entries: readonly OptionEntry[];
  /** Only meaningful where no diagnostic is an error. */
  readonly options: Options;
  /** In the order in which they were met. */
  readonly diagnostics: readonly Diagnostic[];
  /** Every file that was read, includes too, in the order of reading. */
  readonly files: readonly ConfigFile[];
  /** uWSGI's magic variables that have a value, by letter. */
  readonly magicTable: () => Readonly<Record<string, string>>;
}

export interface LoadedOptions extends ConfigReading {
  readonly warnings: readonly Diagnostic[];
}

/**
 * The options of a command line with the environment and the config files: first `UWSGI_*`, then the words from left to right with each
 * file in the place where it is named, then the files named without an option. Later ones win.
 *
 * @throws TsuwsgiError that tells everything that is wrong.
 */
export function loadOptions(words: readonly string[], environment: NodeJS.ProcessEnv, isReload = false): LoadedOptions {
  const findings = new Findings();
  const reading = read(words, surroundingsOf(environment, isReload), findings);
  findings.throwProblems();
  return { ...reading, warnings: findings.warnings };
}

/** The same for tools that show or check a configuration: nothing that is wrong with it is thrown. */
export function readConfig(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  elsewhere: Partial<ConfigSurroundings> = {},
): ConfigReading {
  return read(words, { ...surroundingsOf(environment), ...elsewhere }, new Findings());
}

function read(words: readonly string[], surroundings: ConfigSurroundings, findings: Findings): ConfigReading {
  const reader = new ConfigReader(surroundings, findings);
  const argv = parseArgv(words, findings);
  for (const entry of [...environmentEntries(surroundings.environment), ...argv.entries]) reader.add(entry);
  // Behind a mistyped option such a word is most likely its argument. Words with a bracket some supervisors add to a process's title.
  if (findings.isClean) for (const word of argv.bare) if (!word.startsWith('[')) reader.addFile(word);
  reader.finish();

  const { entries, keysUsed } = expandAll(reader, surroundings, findings);
  const options = fold(refuseUnset(entries, findings), findings);
  reportUnknownKeys(entries, { isStrict: options.strict, placeholders: keysUsed, declared: reader.placeholders }, findings);
  reportOptionsInVain(entries, { options, environment: surroundings.environment }, findings);
  return { entries, options, diagnostics: findings.diagnostics, files: reader.files, magicTable: () => reader.magicTable() };
}

/**
 * Expands what was read, and only then follows each `inherit`, whose options come last and win, as in uWSGI. Unlike there, their
 * placeholders are replaced as well.
 */
function expandAll(reader: ConfigReader, surroundings: ConfigSurroundings, findings: Findings): Expansion {
  let expanded: readonly OptionEntry[] = [];
  const keysUsed = new Set<string>();
  for (let followed = 0, count = 0; count < reader.entries.length;) {
    count = reader.entries.length;
    const finished = new Set(expanded);
    const isFinal = (entry: OptionEntry): boolean => reader.isDone(entry) || finished.has(entry);
    const expansion = expand([...expanded, ...reader.entries.slice(expanded.length)], { isFinal, surroundings, findings });
    expanded = expansion.entries;
    for (const key of expansion.keysUsed) keysUsed.add(key);
    const inherits = expanded.filter(({ name }) => name === 'inherit');
    for (const entry of inherits.slice(followed)) reader.follow(entry);
    followed = inherits.length;
  }
  return { entries: expanded, keysUsed };
}

/** The entries without those that still ask for a variable: an address would be another one, everything else is at least told. */
function refuseUnset(entries: readonly OptionEntry[], findings: Findings): readonly OptionEntry[] {
  return entries.filter((entry) => {
    const { name, text, origin } = entry;
    const [placeholder, variable] = /\$\((\w+)\)/.exec(text) ?? [];
    const option = lookUp(name);
    if (placeholder === undefined || option === undefined) return true;
    const isAddress = option.kind === 'address' || option.kind === 'addresses';
    const reason = `the environment variable ${variable ?? ''} is not set`;
    if (isAddress) findings.fail(new PlaceholderError(entry, placeholder, reason));
    else findings.warn({ rule: 'unset-variable', origin, option: name, message: `"${placeholder}" stays as it is: ${reason}` });
    return !isAddress;
  });
}
