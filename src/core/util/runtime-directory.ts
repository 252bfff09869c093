import { accessSync, constants, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The socket in it on which a server takes the orders of operators. */
export const CONTROL_SOCKET = 'control.sock';

/** The named pipe in it for the lines of requests, where those have loggers of their own. */
export const REQUEST_LOG = 'request-log';

/** The folder in it with bodies of requests that the gateway has collected, for the workers to read. */
export const BODIES = 'bodies';

/** In memory where the system has that, since a scoreboard on a disk would be written back to it for ever. */
const PREFERRED = '/dev/shm';

/** A private directory of the running server: its scoreboard, its control sockets and the gateway's slot socket. */
export interface RuntimeDirectory {
  readonly path: string;
  /** Removes it with all that is in it. */
  remove(): void;
}

/** Makes a directory that only this user can enter; its name tells the pid of this process and when that began, so that others find it. */
export function makeRuntimeDirectory(): RuntimeDirectory {
  const path = mkdtempSync(join(isWritable(PREFERRED) ? PREFERRED : tmpdir(), `tsuwsgi-${process.pid}-${beginningOf(process.pid) ?? ''}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A runtime directory and whose it is. */
export interface FoundDirectory {
  readonly pid: number;
  readonly path: string;
  /** The process that made it runs, and no other one that has got its pid. */
  readonly isLive: boolean;
}

/** The runtime directories of this user's servers, for root those of everybody. A server that was killed may have left its own behind. */
export function findRuntimeDirectories(): readonly FoundDirectory[] {
  const parents = [...new Set([PREFERRED, tmpdir()])].filter(isWritable);
  return parents.flatMap((parent) =>
    namesIn(parent).flatMap((name) => {
      const [, pid, beginning] = /^tsuwsgi-(\d+)-(\d*)-/.exec(name) ?? [];
      const path = join(parent, name);
      return pid === undefined || !isOurs(path) ? [] : [{ pid: Number(pid), path, isLive: isLive(Number(pid), beginning) }];
    }),
  );
}

/** None where nobody may look, or no descriptor is left for it: whoever searches is not to end by that. */
function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function isLive(pid: number, beginning = ''): boolean {
  return beginning === '' ? isAlive(pid) : beginningOf(pid) === beginning;
}

/** Whether there is a process with this pid. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's lives, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process began: clock ticks since the system did, the 22nd field of proc_pid_stat(5). Undefined where nobody can tell. */
function beginningOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name of the program, in parentheses, may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
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
