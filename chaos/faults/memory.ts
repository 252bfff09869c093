/** Requests that take more memory than they are allowed. */
import { isAlive } from '../../test/helpers/processes.ts';
import { LIMITS } from '../targets/contender.ts';
import type { Fault } from './fault.ts';

export const MEMORY: readonly Fault[] = [
  {
    name: 'a request makes a worker outgrow reload-on-rss',
    needs: ['limits of memory'],
    cause: async (target) => {
      const pid = Number(await target.load.ask(`/grow?${String(LIMITS.reloadOnRss + 20)}`));
      // Otherwise it was lost, and counted.
      if (pid > 0) await target.eventually('the end of the worker that grew', () => !isAlive(pid));
    },
  },
  {
    name: 'a request makes a worker outgrow evil-reload-on-rss',
    needs: ['limits of memory'],
    kills: 1,
    cause: async (target) => {
      const survivor = await target.load.ask(`/stay?${String(LIMITS.evilReloadOnRss + 100)}`);
      if (survivor === 'survived') throw new Error('nobody stopped the worker that grew');
    },
  },
  {
    name: 'a request takes memory until limit-as gives no more',
    needs: ['limits of memory'],
    cause: async (target) => {
      const outcome = await target.load.ask('/hog');
      if (outcome === 'no limit') throw new Error('limit-as did not limit anything');
    },
  },
];
