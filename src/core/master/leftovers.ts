import { once } from 'node:events';
import { rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { CONTROL_SOCKET, findRuntimeDirectories } from '../util/runtime-directory.ts';

/** A server that has only begun has no control socket yet. */
const BEGINNING_MS = 60_000;

/** Removes the runtime directories that servers left when they were killed: what is in them is memory. */
export async function removeLeftovers(): Promise<void> {
  for (const { path, isLive } of findRuntimeDirectories()) if (!isLive && (await isDeserted(path))) remove(path);
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Another server has begun at the same time and does the same.
  }
}

/** Whether nobody is behind a directory. A server of another container, whose pids mean nothing here, may share the folder with us. */
async function isDeserted(path: string): Promise<boolean> {
  const socket = connect(join(path, CONTROL_SOCKET));
  try {
    await once(socket, 'connect');
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ECONNREFUSED' || (code === 'ENOENT' && isOld(path));
  } finally {
    socket.destroy();
  }
}

function isOld(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && Date.now() - found.mtimeMs > BEGINNING_MS;
}
