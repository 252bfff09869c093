/** A disk that takes no more of the log. */
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { NO_LOG_DISK } from '../targets/surroundings.ts';
import { STANDSTILL_MS, type Fault } from './fault.ts';

const PIECE = Buffer.alloc(1 << 20);

export const DISK: readonly Fault[] = [
  {
    name: 'the disk of the log is full for 0.7 s and 40 requests',
    absent: NO_LOG_DISK,
    claims: ['log'],
    cause: async (target) => {
      const filler = target.onLogDisk('filler');
      try {
        fill(filler);
        await pause(STANDSTILL_MS);
        await target.serves();
      } finally {
        rmSync(filler, { force: true });
      }
      const size = statSync(target.log).size;
      await target.eventually('more lines in the log', () => statSync(target.log).size > size);
    },
  },
];

/** Writes until there is no room for a single byte. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (;;) writeSync(file, PIECE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}
