import { EXPIRY_SUBJECTS, type Expiry, type ExpirySubject, type GzipSettings } from '../../plan/file-settings.ts';
import { bytePath, isWithin } from './byte-path.ts';

/** What of a file and its request the rules look at, as latin-1. */
export type ExpirySubjects = Readonly<Record<ExpirySubject, string>>;

interface ExpiryRule extends Expiry {
  readonly expression: RegExp;
}

/** When files expire. */
export class ExpiryRules {
  readonly #rules: readonly ExpiryRule[];

  constructor(expiries: readonly Expiry[]) {
    const bySubject = EXPIRY_SUBJECTS.flatMap((subject) => expiries.filter((expiry) => expiry.subject === subject));
    this.#rules = bySubject.map((expiry) => ({ ...expiry, expression: new RegExp(bytePath(expiry.pattern)) }));
  }

  /**
   * Milliseconds since 1970, by the first rule that matches: uWSGI sends one field for each kind of rule, of which clients can heed only
   * one. Undefined where none does.
   */
  expiryOf(subjects: ExpirySubjects, times: { now: number; modified: number }): number | undefined {
    const rule = this.#rules.find(({ subject, pattern, expression }) =>
      subject === 'type' ? subjects.type === pattern : expression.test(subjects[subject]),
    );
    if (!rule) return undefined;
    return (rule.since === 'now' ? times.now : times.modified) + rule.seconds * 1000;
  }
}

/** Which files may have a compressed twin. */
export class GzipRules {
  readonly #isForAll: boolean;
  readonly #patterns: readonly RegExp[];
  readonly #folders: readonly string[];
  readonly #endings: readonly string[];

  constructor({ all, patterns, folders, endings }: GzipSettings) {
    this.#isForAll = all;
    this.#patterns = patterns.map((pattern) => new RegExp(bytePath(pattern)));
    this.#folders = folders.map(bytePath);
    this.#endings = endings.map(bytePath);
  }

  match(path: string): boolean {
    return (
      this.#isForAll ||
      this.#folders.some((folder) => isWithin(path, folder)) ||
      this.#endings.some((ending) => path.endsWith(ending)) ||
      this.#patterns.some((pattern) => pattern.test(path))
    );
  }
}
