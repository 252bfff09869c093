/** More workers, and fewer again. */
import type { Order } from '../targets/contender.ts';
import type { Target } from '../targets/target.ts';
import type { Fault } from './fault.ts';

const WORKERS = 2;

export const SCALING: readonly Fault[] = [
  {
    name: 'two workers more, then two less',
    needs: ['scaling'],
    stage: 'scaling',
    claims: ['count'],
    cause: async (target) => {
      await scale(target, 'one more worker', [WORKERS + 1, WORKERS + 2]);
      await target.serves();
      await scale(target, 'one worker less', [WORKERS + 1, WORKERS]);
    },
  },
];

async function scale(target: Target, order: Order, counts: readonly number[]): Promise<void> {
  for (const count of counts) {
    await target.order(order);
    await target.eventually(`${String(count)} workers`, () => target.family('worker').length === count);
  }
}
