import { closeSync, openSync } from 'node:fs';
import { ServerFileError } from '../errors/accounts.ts';

const OUTPUT = [1, 2];

/**
 * Makes this file the standard output and error of this process. Node has no dup2(2); but open(2) takes the lowest number that is free,
 * which is the one just closed, since Node keeps 0 to 2 open.
 *
 * @throws ServerFileError when the file cannot be written; then nothing has changed
 */
export function redirectOutput(path: string): void {
  try {
    closeSync(openSync(path, 'a'));
  } catch (error) {
    throw new ServerFileError('write the log', path, error as NodeJS.ErrnoException);
  }
  for (const fd of OUTPUT) {
    closeSync(fd);
    openSync(path, 'a');
  }
}
