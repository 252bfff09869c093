import type { Origin } from '../errors/error.ts';
import type { OptionEntry } from '../options/entry.ts';

/** What a rule found. */
export interface Finding {
  readonly message: string;
  /** Where; without it the finding is about the configuration as a whole. */
  readonly origin?: Origin;
  /** The option that it is about, as it was written. */
  readonly option?: string;
  /** A complete edit. */
  readonly suggestion?: string;
}

/** A finding about an entry. */
export function about({ origin, name }: OptionEntry, message: string, suggestion?: string): Finding {
  return { message, origin, option: name, ...(suggestion !== undefined && { suggestion }) };
}
