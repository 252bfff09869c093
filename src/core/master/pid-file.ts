import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ServerFileError } from '../errors/accounts.ts';

/**
 * Writes the file that tells others the pid of this server, as uWSGI does: the number and a newline, for all to read.
 *
 * @returns its absolute path, since the server may go to another directory
 * @throws ServerFileError when it cannot be written
 */
export function writePidFile(path: string): string {
  try {
    writeFileSync(path, `${process.pid}\n`, { mode: 0o644 });
    return resolve(path);
  } catch (error) {
    throw new ServerFileError('write the pid file', path, error as NodeJS.ErrnoException);
  }
}

/**
 * Removes a pid file, unless it tells of another server by now: one that took over the file is still to be found by it.
 *
 * @throws ServerFileError when it cannot be removed
 */
export function removePidFile(path: string): void {
  try {
    if (readFileSync(path, 'utf8').trim() === String(process.pid)) rmSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new ServerFileError('remove the pid file', path, error as NodeJS.ErrnoException);
  }
}
