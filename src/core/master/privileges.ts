import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, readFileSync, statSync } from 'node:fs';
import { BecomeError } from '../errors/accounts.ts';
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
  joinGroups({ uid, gid, moreGroups, initGroups });
  process.setgid?.(gid ?? 0);
  if (uid !== undefined) process.setuid?.(uid);
}

function joinGroups({ uid, gid = 0, moreGroups, initGroups }: Identity): void {
  process.setgroups?.([gid]);
  // Now, since Node counts this group among `getgroups`: root's would be handed on.
  process.setegid?.(gid);
  if (uid !== undefined && initGroups) joinGroupsOf(uid, gid);
  if (moreGroups.length > 0) process.setgroups?.([...new Set([...(process.getgroups?.() ?? []), ...moreGroups])]);
}

/** A number without an account, as containers have it, is a member of no groups. */
function joinGroupsOf(uid: number, gid: number): void {
  try {
    (process as ProcessWithGroups).initgroups(uid, gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_UNKNOWN_CREDENTIAL') throw error;
  }
}

/** The children of a master that stays root (`master-as-root`). */
export interface ChildIdentity {
  /** What a child is started through to become that user; empty where it is who we are. */
  readonly prefix: readonly string[];
  /** Lets them use a file, a folder or a socket of ours, and nobody else. */
  readonly share: (path: string) => void;
  /** Lets them reach what is in a directory of ours and is theirs. */
  readonly admit: (directory: string) => void;
  /** Whether this process is one of them: it is they who tell us their pids. */
  readonly owns: (pid: number) => boolean;
}

/** Children that run as we do. */
export const SAME_USER: ChildIdentity = { prefix: [], share: () => undefined, admit: () => undefined, owns: () => true };

/**
 * How children become this user, and what is theirs. Node's own `uid` for children drops all further groups, and an interpreter that gave root up by
 * itself would have run files of that user as root before.
 *
 * @throws BecomeError when it cannot be done.
 */
export function childIdentity(identity: Identity): ChildIdentity {
  const { uid, gid = 0, moreGroups } = identity;
  if (process.getuid?.() !== 0 || (uid === undefined && identity.gid === undefined && moreGroups.length === 0)) return SAME_USER;
  const owner = uid ?? 0;
  return {
    // Twice: the first one still has root's capabilities when it looks for the program, and finds what its user could not reach.
    prefix: tried(['setpriv', `--reuid=${owner}`, `--regid=${gid}`, `--groups=${groupsOf(identity).join(',')}`, '--', 'setpriv', '--']),
    share: (path) => {
      chmodSync(path, statSync(path).isDirectory() ? 0o700 : 0o600);
      chownSync(path, owner, gid);
    },
    admit: (directory) => chmodSync(directory, 0o711),
    owns: (pid) => userOf(pid) === owner,
  };
}

/** What the system's own rules make of it; ours are put back. */
function groupsOf(identity: Identity): readonly number[] {
  const before = process.getgroups?.() ?? [];
  try {
    joinGroups(identity);
    return process.getgroups?.() ?? [];
  } finally {
    process.setegid?.(0);
    process.setgroups?.(before);
  }
}

/** Undefined when it is gone. Not the owner of its folder in /proc, which for some processes is root. */
function userOf(pid: number): number | undefined {
  try {
    return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
  } catch {
    return undefined;
  }
}

function tried([program = '', ...words]: readonly string[]): readonly string[] {
  try {
    execFileSync(program, [...words, 'true'], { stdio: ['ignore', 'ignore', 'pipe'] });
    return [program, ...words];
  } catch (error) {
    throw new BecomeError([program, ...words].join(' '), error);
  }
}
