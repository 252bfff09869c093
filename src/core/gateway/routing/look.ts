import { accessSync, constants, lstatSync, statSync } from 'node:fs';
import type { Surroundings } from '../../routing/case.ts';

/**
 * What is at a path, which is latin-1, a character for each byte. At once and not later, since rules go on from what they find; the system
 * has what is asked for again and again in memory.
 */
export const look: Surroundings['look'] = (path) => {
  const bytes = Buffer.from(path, 'latin1');
  if (bytes.includes(0) || bytes.length === 0) return undefined;
  try {
    const isLink = lstatSync(bytes).isSymbolicLink();
    const found = statSync(bytes, { throwIfNoEntry: false });
    if (!found) return undefined;
    const kind = { isFile: found.isFile(), isFolder: found.isDirectory(), isLink, modifiedMs: found.mtimeMs };
    return { ...kind, isExecutable: isExecutable(bytes) };
  } catch {
    // Nothing there, or nothing that we may see.
    return undefined;
  }
};

function isExecutable(path: Buffer): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
