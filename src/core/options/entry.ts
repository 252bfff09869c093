import type { Origin } from '../errors/error.ts';

/** One option as somebody wrote it, in the order of writing; nothing is checked yet. */
export interface OptionEntry {
  /** The full name or an alias, never an abbreviation. Config files may hold names that are no option. */
  readonly name: string;
  /** The value as written; empty where none was given. */
  readonly text: string;
  /** A flag of the command line without a value, which is not the same as the empty value that a config file can give. */
  readonly isBare?: true;
  readonly origin: Origin;
}
