import { accessSync, constants, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The socket in it on which a server takes the orders of operators. */
export const CONTROL_SOCKET = 'control.sock';

/** The named pipe in it for the lines of requests, where those have loggers of their own. */
export const REQUEST_LOG = 'request-log';

/** In memory where the system has that, since a scoreboard on a disk would be written back to it for ever. */
const PREFERRED = '/dev/shm';

/** A private directory of the running server: its scoreboard, its control sockets and the gateway's slot socket. */
export interface RuntimeDirectory {
  readonly path: string;
  /** Removes it with all that is in it. */
  remove(): void;
}

/** Makes a directory that only this user can enter; its name tells the pid of this process, so that others find it. */
export function makeRuntimeDirectory(): RuntimeDirectory {
  const path = mkdtempSync(join(isWritable(PREFERRED) ? PREFERRED : tmpdir(), `tsuwsgi-${process.pid}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A runtime directory and whose it is. */
export interface FoundDirectory {
  readonly pid: number;
  readonly path: string;
}

/** The runtime directories of this user's servers, for root those of everybody. A server that was killed may have left its own behind. */
export function findRuntimeDirectories(): readonly FoundDirectory[] {
  const parents = [...new Set([PREFERRED, tmpdir()])].filter(isWritable);
  return parents.flatMap((parent) =>
    readdirSync(parent).flatMap((name) => {
      const pid = Number(/^tsuwsgi-(\d+)-/.exec(name)?.[1]);
      const path = join(parent, name);
      return Number.isNaN(pid) || !isOurs(path) ? [] : [{ pid, path }];
    }),
  );
}

/** Directories for everybody's files: somebody else could have made one with that name. */
function isOurs(path: string): boolean {
  const own = process.getuid?.();
  const owner = lstatSync(path, { throwIfNoEntry: false })?.uid;
  return owner !== undefined && (own === 0 || owner === own);
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    // Absent (macOS) or closed to us: either way it is not the place.
    return false;
  }
}
