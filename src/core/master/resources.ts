import { join } from 'node:path';
import { bind } from '../listen/bind.ts';
import type { BoundSocket } from '../listen/bound-socket.ts';
import type { Log } from '../log/log.ts';
import type { LogFile } from '../log/log-file.ts';
import type { Plan } from '../plan/plan.ts';
import { createScoreboard, type ScoreboardLayout } from '../stats/scoreboard.ts';
import { SEATS_PER_WORKER } from '../workers/pool.ts';
import { makeRuntimeDirectory, type RuntimeDirectory } from '../util/runtime-directory.ts';
import { findAccounts, findGroups } from './accounts.ts';
import type { HookRunner } from './hooks.ts';
import { removePidFile, writePidFile } from './pid-file.ts';
import { type ChildIdentity, childIdentity, dropPrivileges, type Identity, SAME_USER } from './privileges.ts';
import { type OpenSocket, openSockets, removeFile } from './sockets.ts';
import { WorkingDirectory } from './working-directory.ts';

/** The scoreboard has room for what an operator or a reload may ask for later. Its unused pages take no memory. */
const MIN_SLOTS = 4096;

/** What a server holds while it lives: addresses, files, its runtime directory. */
export interface Resources {
  /** Those of the start; `Doors` has those of now. */
  readonly sockets: readonly OpenSocket[];
  readonly statsSocket: BoundSocket | undefined;
  readonly directory: RuntimeDirectory;
  readonly workingDirectory: WorkingDirectory;
  readonly scoreboard: ScoreboardLayout;
  /** The bound socket to which the slots connect where there is a gateway. */
  readonly slots: { readonly path: string; readonly fd: number };
  /** Who the children are. */
  readonly children: ChildIdentity;
  /** Their absolute paths. */
  readonly pidFiles: readonly string[];
}

/**
 * Takes the addresses, files and rights that the plan asks for, in uWSGI's order: pid file, directory, sockets; root is given
 * up in between, so that what is made for the children belongs to their user. Each step has its hooks.
 *
 * @throws TsuwsgiError that names what cannot be had.
 */
export async function takeResources(plan: Plan, logFile: LogFile, hooks: HookRunner): Promise<Resources> {
  const { process: own, socketOwner, statsAddress } = plan;
  const workingDirectory = new WorkingDirectory();
  if (own.umask !== undefined) process.umask(own.umask);
  const isRoot = process.getuid?.() === 0;
  await hooks.run(plan.hooks.master.asap);
  const earlyPidFiles = own.pidFile === undefined ? [] : [writePidFile(own.pidFile)];
  await hooks.run([...plan.hooks.master['pre-jail'], ...plan.hooks.master['in-jail']]);
  await hooks.runAsRoot(plan.hooks, 'as-root', isRoot);
  workingDirectory.enter(own.directory);
  const identity = findIdentity(own);
  if (plan.log.givenAway) logFile.giveTo(identity);
  const sockets = await openSockets(plan, findAccounts(socketOwner.user, socketOwner.group));
  const statsSocket = statsAddress === undefined ? undefined : await bind(statsAddress);
  const children = own.masterAsRoot ? childIdentity(identity) : SAME_USER;
  if (!own.masterAsRoot) dropPrivileges(identity, logFile.log);
  if (plan.log.laterFile !== undefined) logFile.open(plan.log.laterFile);
  const laterPidFiles = own.laterPidFiles.map((path) => writePidFile(path));
  await hooks.runAsRoot(plan.hooks, 'as-user', isRoot);
  const pidFiles = [...earlyPidFiles, ...laterPidFiles];
  return { sockets, statsSocket, pidFiles, workingDirectory, ...(await makeOwn(plan, children)) };
}

function findIdentity({ user, group, moreGroups, initGroups }: Plan['process']): Identity {
  return { ...findAccounts(user, group), moreGroups: findGroups(moreGroups), initGroups };
}

/** What is private to the server and its children. */
async function makeOwn(plan: Plan, children: ChildIdentity): Promise<Pick<Resources, 'directory' | 'scoreboard' | 'slots' | 'children'>> {
  const { processes, threads } = plan.workers;
  const workers = processes * plan.sites.length;
  const directory = makeRuntimeDirectory();
  children.admit(directory.path);
  const slots = Math.max(MIN_SLOTS, workers * threads * SEATS_PER_WORKER);
  const scoreboard = { path: join(directory.path, 'scoreboard'), slots };
  createScoreboard(scoreboard);
  children.share(scoreboard.path);
  const path = join(directory.path, 'gateway.sock');
  const { fd } = await bind({ kind: 'unix', text: path, path });
  children.share(path);
  return { directory, scoreboard, slots: { path, fd }, children };
}

/** Gives back what would outlive the process, these sockets among it. Socket and pid files stay, as uWSGI's do, unless `vacuum` is on. */
export function giveBack(
  { directory, pidFiles }: Resources,
  { sockets, statsSocket }: Pick<Resources, 'sockets' | 'statsSocket'>,
  vacuum: Log | undefined,
): void {
  directory.remove();
  if (vacuum === undefined) return;
  for (const bound of [...sockets.map((socket) => socket.bound), statsSocket])
    if (bound !== undefined) attempt(() => removeFile(bound), vacuum);
  for (const path of pidFiles) attempt(() => removePidFile(path), vacuum);
}

/** Root made some of the files, and the server is not root any more: what cannot be removed is named and left. */
function attempt(act: () => void, log: Log): void {
  try {
    act();
  } catch (error) {
    log.line(`vacuum: ${(error as Error).message}`);
  }
}
