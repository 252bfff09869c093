import type { Rules } from '../routing/rule.ts';

/** What the gateway does with requests and responses on their way. Plain data. */
export interface RoutingSettings {
  readonly rules: Rules;
  readonly collected: readonly Collected[];
}

/** A header of responses whose value the rules see. */
export interface Collected {
  /** In lower case. */
  readonly header: string;
  readonly variable: string;
  /** It is taken out of the response. */
  readonly isTaken: boolean;
}

/** What happens to the headers of every response. */
export interface HeaderChanges {
  /** Lines, `Name: value`, as latin-1. */
  readonly added: readonly string[];
  /** Names. */
  readonly removed: readonly string[];
}

/** Files in the place of the server's own pages, by status; the first that can be read is sent. */
export interface ErrorPages {
  readonly '404': readonly string[];
  readonly '500': readonly string[];
}
