/** Servers that have no descriptor left. */
import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isAlive } from '../../test/helpers/processes.ts';
import { LIMITS } from '../targets/contender.ts';
import type { Target } from '../targets/target.ts';
import { holdIdle } from './clients.ts';
import { STANDSTILL_MS, type Fault } from './fault.ts';

const IDLE = LIMITS.files + 100;
/** Not all in the same millisecond: whoever came a moment before would seem as silent as they are. */
const GROUP = 20;
const GROUP_PAUSE_MS = 30;
/** Standard streams only. */
const FEWEST = 3;

const run = promisify(execFile);

export const DESCRIPTORS: readonly Fault[] = [
  {
    name: `${String(IDLE)} idle connections, with ${String(LIMITS.files)} descriptors`,
    claims: ['files'],
    cause: async (target) => {
      const groups: (() => void)[] = [];
      for (let come = 0; come < IDLE; come += GROUP) {
        groups.push(holdIdle(target.ownAddress, GROUP));
        await pause(GROUP_PAUSE_MS);
      }
      await pause(STANDSTILL_MS);
      for (const release of groups) release();
    },
  },
  {
    name: 'no process can open anything for 0.7 s',
    claims: ['files'],
    upsets: ['code', 'count'],
    cause: async (target) => {
      await allow(target, FEWEST);
      await pause(STANDSTILL_MS);
      // Whoever was forked meanwhile has the limit of its parent.
      await allow(target, LIMITS.files);
    },
  },
];

/** Only the soft limit, which a process itself could raise. */
async function allow(target: Target, files: number): Promise<void> {
  await Promise.all(target.processes().map((pid) => allowOne(pid, files)));
}

async function allowOne(pid: number, files: number): Promise<void> {
  try {
    await run('prlimit', ['--pid', String(pid), `--nofile=${String(files)}:`]);
  } catch (error) {
    if (isAlive(pid)) throw error;
  }
}
