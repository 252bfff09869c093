import { isDeepStrictEqual } from 'node:util';
import type { Plan } from '../plan/plan.ts';

/** What a reload cannot change, by the words of its options. */
const FIXED: readonly { readonly what: string; readonly part: (plan: Plan) => unknown }[] = [
  { what: 'master', part: (plan) => plan.master },
  { what: 'sockets', part: (plan) => plan.sockets.map(({ option, address }) => [option, address]) },
  { what: 'stats', part: (plan) => plan.statsAddress },
  { what: 'processes', part: (plan) => plan.workers.processes },
  { what: 'threads', part: (plan) => plan.workers.threads },
  { what: 'harakiri', part: (plan) => plan.workers.harakiriMs },
  { what: 'min-worker-lifetime', part: (plan) => plan.workers.minLifetimeMs },
  { what: 'gateway settings (buffer-size, http-timeout, prefetch)', part: ({ gateway }) => ({ ...gateway, harakiriMs: 0 }) },
  { what: 'process settings (uid, gid, umask, chdir, pidfile, logto, touch-reload …)', part: (plan) => plan.process },
];

/** What differs between two plans and takes a restart to come into force. */
export function unchangeable(before: Plan, after: Plan): readonly string[] {
  return FIXED.filter(({ part }) => !isDeepStrictEqual(part(before), part(after))).map(({ what }) => what);
}
