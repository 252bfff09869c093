import { dirname, resolve } from 'node:path';
import type { ConfigFile, ConfigReading } from '../config/load.ts';
import type { OptionEntry } from '../options/entry.ts';
import { canonicalName } from '../options/names.ts';
import type { Options } from '../options/registry.ts';
import type { LintSurroundings } from './surroundings.ts';

/** An entry that is an option, under whichever of its names it was written. */
export interface NamedEntry extends OptionEntry {
  /** Its first name: `processes` for `workers`. */
  readonly option: string;
}

/** A reading as rules ask about it. */
export class Configuration {
  /** Every option in the order in which it counts; keys that are none are left out. */
  readonly entries: readonly NamedEntry[];
  readonly files: readonly ConfigFile[];
  readonly options: Options;
  readonly surroundings: LintSurroundings;

  constructor({ entries, files, options }: ConfigReading, surroundings: LintSurroundings) {
    this.entries = entries.flatMap((entry) => {
      const option = canonicalName(entry.name);
      return option === undefined ? [] : [{ ...entry, option }];
    });
    this.files = files;
    this.options = options;
    this.surroundings = surroundings;
  }

  /** The entries of these options, in the order in which they count. */
  all(...options: readonly string[]): readonly NamedEntry[] {
    return this.entries.filter(({ option }) => options.includes(option));
  }

  has(...options: readonly string[]): boolean {
    return this.entries.some(({ option }) => options.includes(option));
  }

  /** The entry that decides about an option that has one value. */
  last(option: string): NamedEntry | undefined {
    return this.entries.findLast((entry) => entry.option === option);
  }

  /** The file that was named has nothing in it. */
  get isEmpty(): boolean {
    return this.files[0]?.document.pairs.length === 0;
  }

  /** The folder of the file that was named. */
  get folder(): string {
    return resolve(this.surroundings.directory, dirname(this.files[0]?.path ?? ''));
  }

  get isForContainer(): boolean {
    return this.surroundings.isForContainer(this.folder);
  }
}
