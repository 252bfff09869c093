import type { Log } from '../log/log.ts';
import type { Accounts } from './accounts.ts';

/** Missing in the type declarations of Node, not in Node. */
type ProcessWithGroups = NodeJS.Process & { initgroups(user: number | string, extraGroup: number | string): void };

/** Who the server becomes. */
export interface Identity extends Accounts {
  /** Groups beside `gid`. */
  readonly moreGroups: readonly number[];
  /** Those of which the user is a member, too. */
  readonly initGroups: boolean;
}

/**
 * Gives up root for good, after the sockets were bound. The supplementary groups become those of the user, and those asked for.
 * Without root there is nothing to give up: said once, since a config written for root is often tried by hand first.
 */
export function dropPrivileges({ uid, gid, moreGroups, initGroups }: Identity, log: Log): void {
  if (uid === undefined && gid === undefined && moreGroups.length === 0) return;
  if (process.getuid?.() !== 0) {
    log.line('not started as root: uid, gid and add-gid have no effect');
    return;
  }
  const group = gid ?? 0;
  process.setgroups?.([group]);
  process.setgid?.(group);
  if (uid !== undefined && initGroups) (process as ProcessWithGroups).initgroups(uid, group);
  if (moreGroups.length > 0) process.setgroups?.([...new Set([...(process.getgroups?.() ?? []), ...moreGroups])]);
  if (uid !== undefined) process.setuid?.(uid);
}
