import { nearest } from '../errors/nearest.ts';
import { UnknownOptionError } from '../errors/options.ts';
import type { OptionEntry } from '../options/entry.ts';
import type { Findings } from '../options/findings.ts';
import { allNames, findByName } from '../options/names.ts';
import { isUwsgiOption } from '../options/uwsgi-names.ts';

/** Config files may hold keys that are no option. uWSGI passes over them in silence; here each is at least told. */
export function reportUnknownKeys(entries: readonly OptionEntry[], strict: boolean, findings: Findings): void {
  for (const entry of entries) {
    if (findByName(entry.name) !== undefined || isSplitWrongly(entry)) continue;
    if (strict && !isUwsgiOption(entry.name)) findings.fail(new UnknownOptionError(entry.name, entry.origin, allNames));
    else warnOfKey(entry, findings);
  }
}

/** Reading the file has already told of a line with another sign in the place of `=`. */
function isSplitWrongly({ name, text }: OptionEntry): boolean {
  return text === '' && /[\uFF1D\uFE66\uA78A\uFF1A:]/.test(name);
}

function warnOfKey({ name, origin }: OptionEntry, findings: Findings): void {
  if (isUwsgiOption(name)) {
    findings.warn(origin, `"${name}" is an option of uWSGI that tsuwsgi does not have; it is ignored`);
    return;
  }
  const suggestions = nearest(name, allNames).map((known) => `write "${known}"`);
  findings.warn(origin, `there is no option "${name}"; it is ignored`, suggestions);
}
