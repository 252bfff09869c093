import { isDeepStrictEqual } from 'node:util';
import type { Plan } from '../plan/plan.ts';

export interface ReloadRequest {
  /** Who asked, for the log. */
  readonly because: string;
  /** All workers at once, or each in its turn. */
  readonly how: 'together' | 'in-chain';
}

/** One reload for two that were asked for. Whoever wants all workers at once does not want to wait for a chain. */
export function mergeRequests(waiting: ReloadRequest, another: ReloadRequest): ReloadRequest {
  return another.how === 'together' ? { ...waiting, how: 'together' } : waiting;
}

/** What a reload cannot change, by the words of its options: it was done with rights that the server has given up, or it is what the server is. */
const FIXED: readonly { readonly what: string; readonly part: (plan: Plan) => unknown }[] = [
  { what: 'master', part: (plan) => plan.master },
  // Where there is no other process that has the sockets, this one would close under its own feet what it no longer wants.
  { what: 'sockets without --master', part: ({ master, sockets }) => (master ? [] : sockets) },
  { what: 'uid, gid, umask, pidfile, daemonize or master-fifo', part: ({ process }) => fixedOf(process) },
  { what: 'gateways or http-processes', part: ({ gateways }) => gateways },
  { what: 'the log, which is no file', part: ({ log }) => pathOf(log) === undefined },
];

/** What differs between two plans and takes a restart to come into force. */
export function unchangeable(before: Plan, after: Plan): readonly string[] {
  return FIXED.filter(({ part }) => !isDeepStrictEqual(part(before), part(after))).map(({ what }) => what);
}

/** The plan that a reload from one to another brings about. */
export function reloadedPlan(before: Plan, after: Plan): Plan {
  const { master, gateways } = before;
  const sockets = master ? after.sockets : before.sockets;
  return { ...after, master, sockets, gateways, process: { ...after.process, ...fixedOf(before.process) } };
}

/** Where the log goes once root is given up. */
export function pathOf({ file, laterFile }: Plan['log']): string | undefined {
  return laterFile ?? file;
}

function fixedOf({ user, group, moreGroups, initGroups, umask, pidFile, laterPidFiles, daemonize, masterFifo }: Plan['process']) {
  return { user, group, moreGroups, initGroups, umask, pidFile, laterPidFiles, daemonize, masterFifo };
}
