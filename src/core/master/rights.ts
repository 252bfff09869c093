/** The start of a server or an emperor, in uWSGI's order: what only root may do comes first, then root is given up. Each step has its hooks. */
import type { LogFile } from '../log/log-file.ts';
import { shareUnnamedPipe } from '../log/unnamed-pipe.ts';
import type { Plan } from '../plan/plan.ts';
import { findAccounts, findGroups } from './accounts.ts';
import type { HookRunner } from './hooks.ts';
import { writePidFile } from './pid-file.ts';
import { type ChildIdentity, childIdentity, dropPrivileges, type Identity, SAME_USER } from './privileges.ts';
import { WorkingDirectory } from './working-directory.ts';

/** What comes up, and what it writes to and runs meanwhile. */
export interface Start {
  readonly plan: Pick<Plan, 'process' | 'hooks' | 'log'>;
  readonly logFile: LogFile;
  readonly hooks: HookRunner;
}

export interface StartSteps {
  /** Takes the addresses for which root is needed, as the last step before it is given up. */
  readonly bind?: () => Promise<void>;
  /** Told of each pid file as soon as it is written, by its absolute path. */
  readonly keepPidFile: (path: string) => void;
}

/** Where a process works, and who its children are. */
export interface Rights {
  readonly workingDirectory: WorkingDirectory;
  readonly children: ChildIdentity;
}

/** @throws TsuwsgiError that names what cannot be had. */
export async function takeRights({ plan, logFile, hooks }: Start, { bind, keepPidFile }: StartSteps): Promise<Rights> {
  const { process: own, log } = plan;
  const workingDirectory = new WorkingDirectory();
  const isRoot = process.getuid?.() === 0;
  if (own.umask !== undefined) process.umask(own.umask);
  await hooks.run(plan.hooks.master.asap);
  if (own.pidFile !== undefined) keepPidFile(writePidFile(own.pidFile));
  await hooks.run([...plan.hooks.master['pre-jail'], ...plan.hooks.master['in-jail']]);
  await hooks.runAsRoot(plan.hooks, 'as-root', isRoot);
  workingDirectory.enter(own.directory);
  const identity = findIdentity(own);
  if (log.givenAway) logFile.giveTo(identity);
  if (isRoot && identity.uid !== undefined) shareUnnamedPipe(logFile.fd);
  await bind?.();
  const children = own.masterAsRoot ? childIdentity(identity) : SAME_USER;
  if (!own.masterAsRoot) dropPrivileges(identity, logFile.log);
  if (log.laterFile !== undefined) logFile.open(log.laterFile);
  for (const path of own.laterPidFiles) keepPidFile(writePidFile(path));
  await hooks.runAsRoot(plan.hooks, 'as-user', isRoot);
  return { workingDirectory, children };
}

function findIdentity({ user, group, moreGroups, initGroups }: Plan['process']): Identity {
  return { ...findAccounts(user, group), moreGroups: findGroups(moreGroups), initGroups };
}
