/**
 * `; tsuwsgi: ignore RULE, RULE` on a line of its own silences these rules for the next line that holds an option;
 * above the section's own line, for the whole file.
 */
import type { ConfigFile } from '../config/load.ts';
import type { ConfigFormat } from '../config/formats/document.ts';
import type { Diagnostic } from '../errors/diagnostic.ts';

export interface Silence {
  readonly path: string;
  /** Where the comment stands. */
  readonly line: number;
  readonly rules: readonly string[];
  /** The line that it is about; undefined for the whole file. */
  readonly target: number | undefined;
}

const ORDER = /^tsuwsgi:\s*ignore\b(.*)$/s;

/** The line with which a section begins. */
const SECTION_LINE: Readonly<Record<ConfigFormat, RegExp>> = {
  ini: /^\s*\[/,
  xml: /<uwsgi/,
  yaml: /^[^\s#-][^#]*:/,
  json: /^[^/]*"[^"]*"\s*:/,
};

/** What the comments of a file ask to be silent about. */
export function silencesOf({ path, text, format, document }: ConfigFile): readonly Silence[] {
  const sectionLine = text.split('\n').findIndex((line) => SECTION_LINE[format].test(line)) + 1;
  return document.comments.flatMap((comment) => {
    const names = ORDER.exec(comment.text.trim())?.[1];
    if (names === undefined) return [];
    const next = document.pairs.find(({ line }) => line > comment.line)?.line;
    return [{ path, line: comment.line, rules: wordsOf(names), target: comment.line < sectionLine ? undefined : (next ?? comment.line) }];
  });
}

export function isSilenced({ rule, origin }: Diagnostic, silences: readonly Silence[]): boolean {
  return silences.some(
    ({ path, rules, target }) =>
      origin.kind === 'file' && path === origin.path && rules.includes(rule) && (target === undefined || target === origin.line),
  );
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}
