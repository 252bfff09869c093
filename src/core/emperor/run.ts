/** An emperor from its plan to its end. */
import { PlanError } from '../errors/plan.ts';
import { removePidFile } from '../master/pid-file.ts';
import { takeRights } from '../master/rights.ts';
import type { EmperorPlan } from '../plan/emperor.ts';
import { Reign, type ReignSettings } from './reign.ts';

/**
 * Rules until it is told to stop. Returns the exit status of the process.
 *
 * @throws TsuwsgiError when it cannot begin
 */
export async function runEmperor(plan: EmperorPlan, settings: ReignSettings): Promise<number> {
  const { logFile, hooks } = settings;
  const closers: (() => void)[] = [];
  const keepPidFile = (path: string): void => {
    if (plan.process.vacuum) closers.push(() => removePidFile(path));
  };
  try {
    if (plan.owners !== 'same-user' && process.getuid?.() !== 0) throw PlanError.tyrantWithoutRoot();
    await takeRights({ plan, logFile, hooks }, { keepPidFile });
    return await new Reign(plan, settings, closers).run();
  } finally {
    for (const close of closers.reverse()) close();
    await hooks.attempt(plan.hooks.master['as-user-atexit']);
  }
}
