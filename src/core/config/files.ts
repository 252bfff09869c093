import { resolve } from 'node:path';
import { ConfigCycleError, ConfigLanguageError } from '../errors/config.ts';
import type { Origin } from '../errors/error.ts';
import type { OptionEntry } from '../options/entry.ts';
import type { Findings } from '../options/findings.ts';
import { findByName } from '../options/names.ts';
import { type IniSection, readIni } from './ini.ts';
import { parseSource, readSource, type Source } from './source.ts';

/** The keys of uWSGI's config language that decide about other lines, or bring in more of them. */
const CONTROL_KEYS =
  /^(if-.+|ifenv|ifexists|ifplugin|ifdir|for|for-.+|inherit|set|set-ph|set-placeholder|declare-option2?|xml|ya?ml|json)$/;

/** Puts the options of config files in the place of the entry that names the file. */
export class ConfigFiles {
  readonly #findings: Findings;
  /** The file that `:section` stands for. */
  #last: string | undefined;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** The entry itself, followed by what the file holds if it names one. `chain` is the files that are being read. */
  expand(entry: OptionEntry, chain: readonly string[] = []): OptionEntry[] {
    if (findByName(entry.name) !== 'ini') return [entry];
    const included = this.#findings.attempt(() => this.#read(entry, chain));
    return [entry, ...(included ?? [])];
  }

  #read({ text, origin }: OptionEntry, chain: readonly string[]): OptionEntry[] {
    const source = parseSource(text, this.#last, origin);
    const link = `${resolve(source.path)}:${source.section}`;
    if (chain.includes(link)) throw new ConfigCycleError([...chain, link], origin);

    const content = readIni(readSource(source.path, origin), source.section);
    this.#last = source.path;
    this.#warn(source, content, origin);
    return content.pairs
      .map(({ key, value, line }) => ({ name: key, text: value, origin: { kind: 'file', path: source.path, line } as const }))
      .filter((entry) => this.#isReadable(entry))
      .flatMap((entry) => this.expand(entry, [...chain, link]));
  }

  #warn({ path, section }: Source, { sections, oddities }: IniSection, origin: Origin): void {
    for (const { line, message, suggestion } of oddities) this.#findings.warn({ kind: 'file', path, line }, message, [suggestion]);
    if (sections.includes(section)) return;
    const others = sections.length === 0 ? 'no section' : `only ${sections.map((name) => `[${name}]`).join(', ')}`;
    this.#findings.warn(origin, `${path} has no section [${section}], ${others}: nothing was read from it`, [
      `write "[${section}]" above its options`,
    ]);
  }

  #isReadable({ name, origin }: OptionEntry): boolean {
    if (!CONTROL_KEYS.test(name)) return true;
    this.#findings.fail(new ConfigLanguageError(name, origin));
    return false;
  }
}
