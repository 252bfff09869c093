/** A clock of the wall that is put forward and back. */
import { NO_CLOCK } from '../targets/surroundings.ts';
import type { Fault } from './fault.ts';

const HOURS = [6, -6, 0];
const HOUR_SECONDS = 3600;
/** Longer than the pause between two looks of a master at its deadlines. */
const RUNS_MS = 1500;
/** After so many others a request has surely begun. */
const WELL_BEGUN = 30;

export const CLOCK: readonly Fault[] = [
  {
    name: 'the clock is put 6 h forward, 12 h back, and right again',
    needs: ['libfaketime'],
    stage: 'clock jumps',
    absent: NO_CLOCK,
    cause: async (target) => {
      const before = target.family('worker');
      for (const hours of HOURS) {
        // One that runs through the jump: its deadlines were set by the clock before.
        const running = target.load.ask(`/long?${String(RUNS_MS)}`);
        await target.load.more(WELL_BEGUN);
        target.setClock(hours * HOUR_SECONDS);
        await running;
      }
      const gone = before.filter((pid) => !target.family('worker').includes(pid));
      if (gone.length > 0) throw new Error(`${String(gone.length)} workers were ended by a deadline that was hours away`);
    },
  },
];
