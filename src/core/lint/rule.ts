import type { Configuration } from './configuration.ts';
import type { Finding } from './finding.ts';

/** What docs/lint.md says of a kind of finding. */
export interface RuleText {
  /** In kebab-case; never changes its meaning. */
  readonly id: string;
  readonly severity: 'error' | 'warning';
  /** What is found, as the rest of the sentence "there is …". */
  readonly title: string;
  readonly why: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** Something that a config file alone can show to be wrong, or probably not meant. */
export interface Rule extends RuleText {
  readonly check: (configuration: Configuration) => readonly Finding[];
}
