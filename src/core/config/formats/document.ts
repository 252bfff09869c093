/** What every format of config files is read into, before any of uWSGI's language is applied: pairs in the order of writing. */

export type ConfigFormat = 'ini' | 'xml' | 'yaml' | 'json';

export interface ConfigPair {
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/** A comment that begins on a line of its own, without the signs that make it one. */
export interface ConfigComment {
  readonly line: number;
  readonly text: string;
}

/** A line that can hardly be meant as it is read, or that uWSGI reads differently. */
export interface Oddity {
  readonly line: number;
  readonly rule: string;
  readonly message: string;
  readonly suggestion: string;
}

export interface ConfigDocument {
  readonly pairs: readonly ConfigPair[];
  /** The names of all sections, the one that was read included when it is there. */
  readonly sections: readonly string[];
  readonly comments: readonly ConfigComment[];
  readonly oddities: readonly Oddity[];
}

/** Where a file does not say which of its sections is meant. */
export const DEFAULT_SECTION = 'uwsgi';

/** Why a text is not of its format, and where. The caller knows the file and tells the user. */
export class SyntaxProblem extends Error {
  readonly line: number;
  readonly suggestions: readonly string[];

  constructor(line: number, message: string, suggestions: readonly string[] = []) {
    super(message);
    this.line = line;
    this.suggestions = suggestions;
  }
}
