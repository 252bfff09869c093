import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A private directory of the running server: its scoreboard, its control socket and the gateway's slot socket. */
export interface RuntimeDirectory {
  readonly path: string;
  /** Removes it with all that is in it. */
  remove(): void;
}

/**
 * Makes a directory that only this user can enter. In memory (/dev/shm) where the system has that, since a scoreboard
 * on a disk would be written back to it for ever.
 */
export function makeRuntimeDirectory(): RuntimeDirectory {
  const path = mkdtempSync(join(isWritable('/dev/shm') ? '/dev/shm' : tmpdir(), 'tsuwsgi-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
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
