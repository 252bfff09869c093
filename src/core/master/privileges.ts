import type { Log } from '../log/log.ts';
import type { Accounts } from './accounts.ts';

/** Missing in the type declarations of Node, not in Node. */
type ProcessWithGroups = NodeJS.Process & { initgroups(user: number | string, extraGroup: number | string): void };

/**
 * Gives up root for good, after the sockets were bound. Supplementary groups become those of the user.
 * Without root there is nothing to give up: said once, since a config written for root is often tried by hand first.
 */
export function dropPrivileges({ uid, gid }: Accounts, log: Log): void {
  if (uid === undefined && gid === undefined) return;
  if (process.getuid?.() !== 0) {
    log.line('not started as root: uid and gid have no effect');
    return;
  }
  const group = gid ?? 0;
  process.setgroups?.([group]);
  process.setgid?.(group);
  if (uid === undefined) return;
  (process as ProcessWithGroups).initgroups(uid, group);
  process.setuid?.(uid);
}
