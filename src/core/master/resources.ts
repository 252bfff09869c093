import { lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ServerFileError } from '../errors/accounts.ts';
import { bind } from '../listen/bind.ts';
import type { BoundSocket } from '../listen/bound-socket.ts';
import type { Log } from '../log/log.ts';
import type { Plan } from '../plan/plan.ts';
import { createScoreboard, type ScoreboardLayout } from '../stats/scoreboard.ts';
import { makeRuntimeDirectory, type RuntimeDirectory } from '../util/runtime-directory.ts';
import { findAccounts } from './accounts.ts';
import { writePidFile } from './pid-file.ts';
import { dropPrivileges } from './privileges.ts';
import { type OpenSocket, openSockets } from './sockets.ts';

/** An old and a new generation, and the workers of one before that are still draining. */
const SEATS_PER_WORKER = 3;

/** What a server holds while it lives: addresses, files, its runtime directory. */
export interface Resources {
  readonly sockets: readonly OpenSocket[];
  readonly statsSocket: BoundSocket | undefined;
  readonly directory: RuntimeDirectory;
  readonly scoreboard: ScoreboardLayout;
  /** The bound socket to which the slots connect; undefined where the plan needs no gateway. */
  readonly slots: { readonly path: string; readonly fd: number } | undefined;
  /** Its absolute path. */
  readonly pidFile: string | undefined;
}

/**
 * Takes the addresses, files and rights that the plan asks for, in uWSGI's order: pid file, directory, sockets; root is given
 * up in between, so that what is made for the children belongs to their user.
 *
 * @throws TsuwsgiError that names what cannot be had.
 */
export async function takeResources(plan: Plan, log: Log): Promise<Resources> {
  const { process: own, socketOwner, statsAddress } = plan;
  if (own.umask !== undefined) process.umask(own.umask);
  const pidFile = own.pidFile === undefined ? undefined : writePidFile(own.pidFile);
  if (own.directory !== undefined) enter(own.directory);
  const accounts = findAccounts(own.user, own.group);
  const sockets = await openSockets(plan, findAccounts(socketOwner.user, socketOwner.group));
  const statsSocket = statsAddress === undefined ? undefined : await bind(statsAddress);
  dropPrivileges(accounts, log);
  return { sockets, statsSocket, pidFile, ...(await makeOwn(plan)) };
}

function enter(directory: string): void {
  try {
    process.chdir(directory);
  } catch (error) {
    throw new ServerFileError('enter the directory', directory, error as NodeJS.ErrnoException);
  }
}

/** What is private to the server and its children. */
async function makeOwn(plan: Plan): Promise<Pick<Resources, 'directory' | 'scoreboard' | 'slots'>> {
  const { processes, threads } = plan.workers;
  const directory = makeRuntimeDirectory();
  const scoreboard = { path: join(directory.path, 'scoreboard'), seats: processes * SEATS_PER_WORKER, threads };
  createScoreboard(scoreboard);
  if (!plan.sockets.some(({ door }) => door === 'gateway')) return { directory, scoreboard, slots: undefined };
  const path = join(directory.path, 'gateway.sock');
  const { fd } = await bind({ kind: 'unix', text: path, path });
  return { directory, scoreboard, slots: { path, fd } };
}

/** Gives back what would outlive the process. Socket and pid files stay, as uWSGI's do, unless `vacuum` is on. */
export function giveBack({ sockets, statsSocket, directory, pidFile }: Resources, { vacuum, log }: { vacuum: boolean; log: Log }): void {
  directory.remove();
  if (!vacuum) return;
  const files = [...sockets.map(({ bound }) => bound), statsSocket].map((bound) => bound?.file).filter((file) => file !== undefined);
  const ours = files.filter(({ path, inode }) => lstatSync(path, { throwIfNoEntry: false })?.ino === inode).map(({ path }) => path);
  for (const path of pidFile === undefined ? ours : [...ours, pidFile]) remove(path, log);
}

/** Root made some of the files, and the server is not root any more: what cannot be removed is named and left. */
function remove(path: string, log: Log): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    log.line(`vacuum: ${new ServerFileError('remove', path, error as NodeJS.ErrnoException).message}`);
  }
}
