import { writeFileSync } from 'node:fs';
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
