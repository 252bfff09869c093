/** An emperor from its plan to its end. */
import { PlanError } from '../errors/plan.ts';
import { findAccounts, findGroups } from '../master/accounts.ts';
import { removePidFile, writePidFile } from '../master/pid-file.ts';
import { dropPrivileges } from '../master/privileges.ts';
import { WorkingDirectory } from '../master/working-directory.ts';
import type { EmperorPlan } from '../plan/emperor.ts';
import { Reign, type ReignSettings } from './reign.ts';

/**
 * Rules until it is told to stop. Returns the exit status of the process.
 *
 * @throws TsuwsgiError when it cannot begin
 */
export async function runEmperor(plan: EmperorPlan, settings: ReignSettings): Promise<number> {
  const closers: (() => void)[] = [];
  try {
    await takeResources(plan, settings, closers);
    return await new Reign(plan, settings, closers).run();
  } finally {
    for (const close of closers.reverse()) close();
    await settings.hooks.attempt(plan.hooks.master['as-user-atexit']);
  }
}

/** In the order of a server's: what only root may do comes first. */
async function takeResources(plan: EmperorPlan, { logFile, hooks }: ReignSettings, closers: (() => void)[]): Promise<void> {
  const { process: own, log } = plan;
  const isRoot = process.getuid?.() === 0;
  if (plan.owners !== 'same-user' && !isRoot) throw PlanError.tyrantWithoutRoot();
  if (own.umask !== undefined) process.umask(own.umask);
  await hooks.run(plan.hooks.master.asap);
  keepPidFiles(own.pidFile === undefined ? [] : [own.pidFile], own.vacuum, closers);
  await hooks.run([...plan.hooks.master['pre-jail'], ...plan.hooks.master['in-jail']]);
  await hooks.runAsRoot(plan.hooks, 'as-root', isRoot);
  new WorkingDirectory().enter(own.directory);
  const { user, group, moreGroups, initGroups } = own;
  const identity = { ...findAccounts(user, group), moreGroups: findGroups(moreGroups), initGroups };
  if (log.givenAway) logFile.giveTo(identity);
  dropPrivileges(identity, logFile.log);
  if (log.laterFile !== undefined) logFile.open(log.laterFile);
  keepPidFiles(own.laterPidFiles, own.vacuum, closers);
  await hooks.runAsRoot(plan.hooks, 'as-user', isRoot);
}

function keepPidFiles(paths: readonly string[], isVacuum: boolean, closers: (() => void)[]): void {
  for (const path of paths.map(writePidFile)) if (isVacuum) closers.push(() => removePidFile(path));
}
