import { chmodSync, chownSync } from 'node:fs';
import { SocketOwnerError } from '../errors/listen.ts';

/** Who may connect to a Unix socket: connecting needs write permission on its file. */
export interface SocketPermissions {
  /** chmod-socket; undefined leaves what the umask gave. */
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** Gives a socket file its mode and owner. */
export function setPermissions(path: string, { mode, uid, gid }: SocketPermissions): void {
  if (uid !== undefined || gid !== undefined) attempt(path, 'owner', () => chownSync(path, uid ?? -1, gid ?? -1));
  if (mode !== undefined) attempt(path, 'mode', () => chmodSync(path, mode));
}

function attempt(path: string, what: string, change: () => void): void {
  try {
    change();
  } catch (error) {
    throw new SocketOwnerError(path, what, error as Error);
  }
}
