import { execFileSync } from 'node:child_process';
import { AccountError } from '../errors/accounts.ts';

/** A user and a group of this system by number; undefined where none was named. */
export interface Accounts {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/**
 * Looks names up through the system's own name services, so that accounts of a directory server are found as well.
 * A name of digits is the number itself.
 *
 * @throws AccountError when there is no such user or group.
 */
export function findAccounts(user: string | undefined, group: string | undefined): Accounts {
  return {
    uid: user === undefined ? undefined : numberOf(user, () => ask('id', '-u', '--', user), 'user'),
    gid: group === undefined ? undefined : findGroup(group),
  };
}

/** The same for groups alone. */
export function findGroups(names: readonly string[]): readonly number[] {
  return names.map(findGroup);
}

function findGroup(name: string): number {
  return numberOf(name, () => ask('getent', 'group', '--', name).split(':')[2] ?? '', 'group');
}

function ask(program: string, ...words: string[]): string {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

function numberOf(name: string, look: () => string, kind: 'user' | 'group'): number {
  if (/^\d+$/.test(name)) return Number(name);
  try {
    return Number.parseInt(look(), 10);
  } catch (error) {
    throw new AccountError(kind, name, error);
  }
}
