import { accessSync, constants, statSync } from 'node:fs';
import { ServerFileError } from '../errors/accounts.ts';
import type { GatewaySettings } from '../plan/gateway-plan.ts';

/**
 * Whether bodies can be kept where http-post-buffering-dir says. The first large one may come weeks after the start, and would be lost.
 *
 * @throws ServerFileError
 */
export function checkBodyDirectory({ bodyDirectory, bodyMemory }: Pick<GatewaySettings, 'bodyDirectory' | 'bodyMemory'>): void {
  if (bodyDirectory === undefined || bodyMemory === 0) return;
  try {
    if (!statSync(bodyDirectory).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
    accessSync(bodyDirectory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new ServerFileError('keep bodies in http-post-buffering-dir', bodyDirectory, error as NodeJS.ErrnoException, [
      "make that directory and let the server's user write there, or name another one",
    ]);
  }
}
