import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bind } from '../listen/bind.ts';
import type { BoundSocket } from '../listen/bound-socket.ts';
import { createLineBuffers, type LineBuffersLayout } from '../log/line-buffers.ts';
import type { Log } from '../log/log.ts';
import type { LogFile } from '../log/log-file.ts';
import type { Plan } from '../plan/plan.ts';
import { createScoreboard, type ScoreboardLayout } from '../stats/scoreboard.ts';
import { BODIES, makeRuntimeDirectory, type RuntimeDirectory } from '../util/runtime-directory.ts';
import { SEATS_PER_WORKER } from '../workers/pool.ts';
import { findAccounts } from './accounts.ts';
import type { HookRunner } from './hooks.ts';
import { removePidFile } from './pid-file.ts';
import type { ChildIdentity } from './privileges.ts';
import { takeRights } from './rights.ts';
import { type OpenSocket, openSockets, removeFile } from './sockets.ts';
import type { WorkingDirectory } from './working-directory.ts';

/** The scoreboard has room for what an operator or a reload may ask for later. Its unused pages take no memory. */
const MIN_SLOTS = 4096;

/** A bound private socket to which workers' slots connect. */
export interface SlotsSocket {
  readonly path: string;
  readonly fd: number;
}

/** What a server holds while it lives: addresses, files, its runtime directory. */
export interface Resources {
  /** Those of the start; `Doors` has those of now. */
  readonly sockets: readonly OpenSocket[];
  readonly statsSocket: BoundSocket | undefined;
  readonly directory: RuntimeDirectory;
  readonly workingDirectory: WorkingDirectory;
  readonly scoreboard: ScoreboardLayout;
  readonly lineBuffers: LineBuffersLayout;
  /** For each gateway the bound socket to which its slots connect. */
  readonly slots: readonly SlotsSocket[];
  /** Who the children are. */
  readonly children: ChildIdentity;
  /** Their absolute paths. */
  readonly pidFiles: readonly string[];
}

/**
 * Takes the addresses, files and rights that the plan asks for. What is made for the children comes after root was given up, so that it
 * belongs to their user.
 *
 * @throws TsuwsgiError that names what cannot be had.
 */
export async function takeResources(plan: Plan, logFile: LogFile, hooks: HookRunner): Promise<Resources> {
  const pidFiles: string[] = [];
  let sockets: readonly OpenSocket[] = [];
  let statsSocket: BoundSocket | undefined;
  const { workingDirectory, children } = await takeRights(
    { plan, logFile, hooks },
    {
      bind: async () => {
        const { socketOwner, statsAddress } = plan;
        sockets = await openSockets(plan, findAccounts(socketOwner.user, socketOwner.group));
        if (statsAddress !== undefined) statsSocket = await bind(statsAddress);
      },
      keepPidFile: (path) => pidFiles.push(path),
    },
  );
  return { sockets, statsSocket, pidFiles, workingDirectory, ...(await makeOwn(plan, children)) };
}

/** What is private to the server and its children. */
async function makeOwn(
  plan: Plan,
  children: ChildIdentity,
): Promise<Pick<Resources, 'directory' | 'scoreboard' | 'lineBuffers' | 'slots' | 'children'>> {
  const { processes, threads } = plan.workers;
  const workers = processes * plan.sites.length;
  const directory = makeRuntimeDirectory();
  children.admit(directory.path);
  const slots = Math.max(MIN_SLOTS, workers * threads * SEATS_PER_WORKER);
  const scoreboard = { path: join(directory.path, 'scoreboard'), slots };
  createScoreboard(scoreboard);
  children.share(scoreboard.path);
  const bodies = join(directory.path, BODIES);
  mkdirSync(bodies, { mode: 0o700 });
  children.share(bodies);
  const gateways = plan.gateways.count;
  const lineBuffers = { path: join(directory.path, 'line-buffers'), slots, gateways };
  createLineBuffers(lineBuffers);
  children.share(lineBuffers.path);
  const sockets = await Promise.all(Array.from({ length: gateways }, (_, index) => bindSlots(directory.path, index + 1)));
  for (const { path } of sockets) children.share(path);
  return { directory, scoreboard, lineBuffers, slots: sockets, children };
}

async function bindSlots(directory: string, gateway: number): Promise<SlotsSocket> {
  const path = join(directory, gateway === 1 ? 'gateway.sock' : `gateway-${gateway}.sock`);
  const { fd } = await bind({ kind: 'unix', text: path, path });
  return { path, fd };
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
