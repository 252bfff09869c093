/**
 * How many workers are wanted, looked at once a second: uWSGI's cheaper algorithms as pure functions of what was seen.
 *
 *     spare      all busy for `overload` seconds ▶ `step` more;  more than one idle for as long ▶ one fewer
 *     backlog    more than `overload` requests wait ▶ `step` more;  none waits and one is idle for as long ▶ one fewer
 *     busyness   over `overload` seconds busier than `max` % ▶ `step` more;  `multiplier` times less busy than `min` % ▶ one fewer
 *     manual     only the operator
 */

import type { ScalingPlan } from '../plan/plan.ts';

/** What was seen in one second. */
export interface Load {
  /** Workers that serve. */
  readonly workers: number;
  /** How many of them ran requests in all their threads, on average. */
  readonly busy: number;
  /** Requests that wait in the gateway. */
  readonly queued: number;
}

/** Given once a second what was seen; tells by how many workers to change. */
export type Decide = (load: Load) => number;

/** A sample every so often says "all busy" even when a worker takes a breath between two requests. */
const ALL_BUSY = 0.95;

export function decideBy(rules: ScalingPlan): Decide {
  switch (rules.algorithm) {
    case 'spare':
      return spare(rules);
    case 'backlog':
      return backlog(rules);
    case 'busyness':
      return busyness(rules);
    case 'manual':
      return () => 0;
  }
}

function spare({ step, overload }: ScalingPlan): Decide {
  const [isOverloaded, isIdle] = [lasting(overload), lasting(overload)];
  return ({ workers, busy, queued }) => {
    const isFull = queued > 0 || busy >= workers * ALL_BUSY;
    if (isOverloaded(isFull)) return step;
    // One idle worker is the spare one.
    return isIdle(!isFull && busy <= workers - 2 + (1 - ALL_BUSY)) ? -1 : 0;
  };
}

function backlog({ step, overload }: ScalingPlan): Decide {
  const isIdle = lasting(overload);
  return ({ workers, busy, queued }) => {
    if (queued > overload) return step;
    return isIdle(queued === 0 && busy <= workers - 1) ? -1 : 0;
  };
}

function busyness({ step, overload, busyness: { max, min, multiplier, backlogAlert, backlogStep } }: ScalingPlan): Decide {
  let window: number[] = [];
  const isQuiet = lasting(multiplier);
  return ({ workers, busy, queued }) => {
    if (queued > backlogAlert) return backlogStep;
    window.push((100 * busy) / Math.max(1, workers));
    if (window.length < overload) return 0;
    const percent = window.reduce((sum, one) => sum + one, 0) / window.length;
    window = [];
    if (isQuiet(percent < min)) return -1;
    return percent > max ? step : 0;
  };
}

/** A condition that has held so many times in a row; it starts anew each time it has. */
function lasting(times: number): (holds: boolean) => boolean {
  let count = 0;
  return (holds) => {
    count = holds ? count + 1 : 0;
    if (count < times) return false;
    count = 0;
    return true;
  };
}
