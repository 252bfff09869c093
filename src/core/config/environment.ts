import type { Origin } from '../errors/error.ts';
import { nearest } from '../errors/nearest.ts';
import type { OptionEntry } from '../options/entry.ts';
import type { Findings } from '../options/findings.ts';
import { allNames, findByName } from '../options/names.ts';

const PREFIX = 'UWSGI_';

/** What uWSGI tells its own child processes; an old one may have left them to us. */
const PRIVATE: ReadonlySet<string> = new Set(
  ['RELOADS', 'VASSALS_DIR', 'EMPEROR_FD', 'BROODLORD_NUM', 'EMPEROR_FD_CONFIG', 'EMPEROR_PROXY', 'JAIL_PID', 'ORIGINAL_PROC_NAME'].map(
    (name) => PREFIX + name,
  ),
);

/** `UWSGI_HTTP_SOCKET=:8080` is `http-socket = :8080`. */
export function environmentEntries(environment: NodeJS.ProcessEnv, findings: Findings): OptionEntry[] {
  const entries: OptionEntry[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (text === undefined || !variable.startsWith(PREFIX) || PRIVATE.has(variable)) continue;
    const name = variable.slice(PREFIX.length).toLowerCase().replaceAll('_', '-');
    const origin: Origin = { kind: 'environment', variable };
    if (findByName(name) === undefined) warnIfMistyped(name, origin, findings);
    else entries.push({ name, text, origin });
  }
  return entries;
}

/** Many variables that begin so belong to other programs: only what is one letter away from an option is worth a word. */
function warnIfMistyped(name: string, origin: Origin, findings: Findings): void {
  const suggestions = nearest(name, allNames, 1).map((known) => `write ${PREFIX}${known.toUpperCase().replaceAll('-', '_')}`);
  if (suggestions.length > 0) findings.warn(origin, `there is no option "${name}"`, suggestions);
}
