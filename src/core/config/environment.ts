import type { OptionEntry } from '../options/entry.ts';

const PREFIX = 'UWSGI_';

/** What uWSGI tells its own child processes; an old one may have left them to us. */
const PRIVATE: ReadonlySet<string> = new Set(
  ['RELOADS', 'VASSALS_DIR', 'EMPEROR_FD', 'BROODLORD_NUM', 'EMPEROR_FD_CONFIG', 'EMPEROR_PROXY', 'JAIL_PID', 'ORIGINAL_PROC_NAME'].map(
    (name) => PREFIX + name,
  ),
);

/** `UWSGI_HTTP_SOCKET=:8080` is `http-socket = :8080`. Names that are no option serve as placeholders. */
export function environmentEntries(environment: NodeJS.ProcessEnv): OptionEntry[] {
  return Object.entries(environment).flatMap(([variable, text]) => {
    if (text === undefined || !variable.startsWith(PREFIX) || PRIVATE.has(variable)) return [];
    const name = variable.slice(PREFIX.length).toLowerCase().replaceAll('_', '-');
    return [{ name, text, origin: { kind: 'environment', variable } as const }];
  });
}
