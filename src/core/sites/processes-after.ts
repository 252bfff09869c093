import { isDeepStrictEqual } from 'node:util';
import type { Plan } from '../plan/plan.ts';

/** How many workers there are to be after a reload. What an operator or the load decided stays, unless the configuration says otherwise now. */
export function processesAfter(wanted: number, { workers: before }: Plan, { workers: after }: Plan): number {
  const { processes, scaling } = after;
  if (processes === before.processes && isDeepStrictEqual(scaling, before.scaling)) return wanted;
  if (scaling === undefined) return processes;
  return before.scaling === undefined ? scaling.initial : Math.min(scaling.most, Math.max(scaling.least, wanted));
}
