import { fchmodSync, fstatSync, readlinkSync } from 'node:fs';

/** chmod(2): anybody may write; the group has bits of its own. */
const OTHERS_WRITE = 0o022;

/**
 * Lets whoever has this pipe open it anew, also as another user than the one who made it: who does not wait for its reader does so (outlet.ts). It
 * has no name, so nobody else comes by it. What is no such pipe stays as it is.
 */
export function shareUnnamedPipe(fd: number): void {
  try {
    if (readlinkSync(`/proc/self/fd/${fd}`).startsWith('pipe:')) fchmodSync(fd, fstatSync(fd).mode | OTHERS_WRITE);
  } catch {
    // The system does not allow it, and its reader is waited for.
  }
}
