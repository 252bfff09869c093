import type { Origin } from '../errors/error.ts';

/** One option as somebody wrote it, in the order of writing; nothing is checked yet. */
export interface OptionEntry {
  /** The full name or an alias, never an abbreviation. Config files may hold names that are no option. */
  readonly name: string;
  /** The value as written; empty where none was given. */
  readonly text: string;
  readonly origin: Origin;
}
