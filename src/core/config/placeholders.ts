import type { OptionEntry } from '../options/entry.ts';
import type { Findings } from '../options/findings.ts';
import { findByName } from '../options/names.ts';

/** `$(HOME)`, `%(key)`, `@(file)`, and the magic variables such as `%d`. */
const PLACEHOLDER = /[$%@]\([^)]+\)|%[a-zA-Z]/;

/** uWSGI would put other text in the place of these. Nobody should find out from a path that does not exist. */
export function warnOfPlaceholders(entries: readonly OptionEntry[], findings: Findings): void {
  for (const { name, text, origin } of entries) {
    const found = PLACEHOLDER.exec(text)?.[0];
    if (found === undefined || origin.kind !== 'file' || findByName(name) === undefined) continue;
    findings.warn(origin, `"${found}" is not replaced by this version and stays part of "${name}"`, ['write the value out']);
  }
}
