import { rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ServerFileError } from '../errors/accounts.ts';

/** The file that tells others the pid of this server. */
export class PidFile {
  readonly path: string;

  /** @throws ServerFileError when it cannot be written. */
  constructor(path: string) {
    this.path = resolve(path);
    try {
      writeFileSync(this.path, `${process.pid}\n`, { mode: 0o644 });
    } catch (error) {
      throw new ServerFileError('write the pid file', path, error as NodeJS.ErrnoException);
    }
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}
