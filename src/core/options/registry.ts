import type { Option } from './define.ts';
import { accepted } from './groups/accepted.ts';
import { application } from './groups/application.ts';
import { configuration } from './groups/configuration.ts';
import { emperor } from './groups/emperor.ts';
import { encryption } from './groups/encryption.ts';
import { files } from './groups/files.ts';
import { moments } from './groups/hooks.ts';
import { limits } from './groups/limits.ts';
import { loggers } from './groups/loggers.ts';
import { logic } from './groups/logic.ts';
import { logs } from './groups/logs.ts';
import { operating } from './groups/operating.ts';
import { pushing } from './groups/pushing.ts';
import { routing } from './groups/routing.ts';
import { processes } from './groups/processes.ts';
import { python } from './groups/python.ts';
import { scaling } from './groups/scaling.ts';
import { sharing } from './groups/sharing.ts';
import { sockets } from './groups/sockets.ts';
import { system } from './groups/system.ts';
import { tracing } from './groups/tracing.ts';

/** Every option that tsuwsgi has; those that only uWSGI has are in catalog/. Flags, types, help and the reference page are derived from this object alone. */
export const registry = {
  ...sockets,
  ...encryption,
  ...application,
  ...python,
  ...processes,
  ...limits,
  ...scaling,
  ...logs,
  ...loggers,
  ...pushing,
  ...tracing,
  ...files,
  ...system,
  ...emperor,
  ...operating,
  ...moments,
  ...routing,
  ...sharing,
  ...configuration,
  ...logic,
  ...accepted,
} satisfies Record<string, Option>;

export interface OptionGroup {
  readonly title: string;
  readonly options: Readonly<Record<string, Option>>;
}

/** The same options under the headings of help and reference. */
export const groups: readonly OptionGroup[] = [
  { title: 'Sockets', options: sockets },
  { title: 'Encryption', options: encryption },
  { title: 'Application', options: application },
  { title: 'Python and Paste', options: python },
  { title: 'Processes', options: processes },
  { title: 'Limits of workers', options: limits },
  { title: 'Scaling', options: scaling },
  { title: 'Logs and statistics', options: logs },
  { title: 'Where log lines go', options: loggers },
  { title: 'Statistics for others', options: pushing },
  { title: 'Tracing', options: tracing },
  { title: 'Static files', options: files },
  { title: 'System', options: system },
  { title: 'Emperor', options: emperor },
  { title: 'Orders to a running server', options: operating },
  { title: 'Hooks', options: moments },
  { title: 'Routing and headers', options: routing },
  { title: 'Caches and metrics', options: sharing },
  { title: 'Configuration', options: configuration },
  { title: 'Conditions and loops of config files', options: logic },
  { title: 'Accepted without effect', options: accepted },
];

export type OptionName = keyof typeof registry;

type CamelCase<Name> = Name extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : Name;

/** What the rest of the engine reads: `options.maxRequests` is a number because its declaration says so. */
export type Options = {
  readonly [Name in OptionName as CamelCase<Name> & string]: (typeof registry)[Name] extends Option<infer Value> ? Value : never;
};

/** `max-requests` → `maxRequests`: the value twin of the type above. */
export function propertyOf(name: OptionName): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
