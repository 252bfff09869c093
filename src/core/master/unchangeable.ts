import { isDeepStrictEqual } from 'node:util';
import type { Plan } from '../plan/plan.ts';

/** What a reload cannot change, by the words of its options. */
const FIXED: readonly { readonly what: string; readonly part: (plan: Plan) => unknown }[] = [
  { what: 'master', part: (plan) => plan.master },
  { what: 'sockets', part: (plan) => plan.sockets.map(({ option, address }) => [option, address]) },
  { what: 'stats', part: (plan) => plan.statsAddress },
  { what: 'cheaper and its kin', part: (plan) => plan.workers.scaling },
  { what: 'threads', part: (plan) => plan.workers.threads },
  { what: 'harakiri', part: (plan) => plan.workers.harakiriMs },
  { what: 'slow-request', part: (plan) => plan.workers.slowMs },
  { what: 'min-worker-lifetime', part: (plan) => plan.workers.minLifetimeMs },
  { what: 'worker-reload-mercy and reload-mercy', part: (plan) => plan.workers.mercyMs },
  { what: 'gateway settings (buffer-size, http-timeout, prefetch)', part: ({ gateway }) => ({ ...gateway, harakiriMs: 0 }) },
  { what: 'hook-touch, touch-exec and the signals of hook-master-start', part: ({ hooks }) => [hooks.touched, hooks.signals] },
  { what: 'process settings (uid, gid, umask, chdir, pidfile, touch-reload …)', part: (plan) => plan.process },
  { what: 'log settings (logto, log-maxsize, touch-logrotate …)', part: (plan) => plan.log },
];

/** What differs between two plans and takes a restart to come into force. */
export function unchangeable(before: Plan, after: Plan): readonly string[] {
  return FIXED.filter(({ part }) => !isDeepStrictEqual(part(before), part(after))).map(({ what }) => what);
}
