import { PlanError } from '../errors/plan.ts';
import type { Options } from '../options/registry.ts';
import type { ScalingAlgorithm, ScalingPlan } from './plan.ts';

/** uWSGI's names; its later variants of two of them decide by the same things. */
const ALGORITHMS: Readonly<Record<string, ScalingAlgorithm>> = {
  spare: 'spare',
  spare2: 'spare',
  backlog: 'backlog',
  backlog2: 'backlog',
  busyness: 'busyness',
  manual: 'manual',
};

/**
 * How the number of workers follows the load, or undefined where it does not.
 *
 * @throws PlanError when there is nothing between the fewest and the most.
 */
export function planScaling(options: Options): ScalingPlan | undefined {
  const { cheaper, processes, cheaperInitial, cheaperAlgo = 'spare' } = options;
  if (cheaper === 0) return undefined;
  if (cheaper >= processes) throw PlanError.cheaperThanNothing(cheaper, processes);
  const algorithm = ALGORITHMS[cheaperAlgo];
  if (algorithm === undefined) throw PlanError.unknownAlgorithm(cheaperAlgo);
  return {
    least: cheaper,
    initial: Math.min(processes, Math.max(cheaper, cheaperInitial)),
    most: processes,
    algorithm,
    step: options.cheaperStep,
    overload: options.cheaperOverload,
    busyness: {
      max: options.cheaperBusynessMax,
      min: options.cheaperBusynessMin,
      multiplier: options.cheaperBusynessMultiplier,
      backlogAlert: options.cheaperBusynessBacklogAlert,
      backlogStep: options.cheaperBusynessBacklogStep,
    },
  };
}
