/** Starts the process of a vassal. */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { formatOf } from '../config/formats/read.ts';
import type { Owners } from '../plan/emperor.ts';
import { findRuntimeDirectories } from '../util/runtime-directory.ts';
import { sendSignal } from '../util/signal.ts';
import { EMPEROR_DESCRIPTOR, ORDERS, reportOf } from '../wire/emperor.ts';
import type { VassalFile } from './monitor.ts';
import type { VassalListener, VassalProcess } from './vassal.ts';

/** What the vassals of an emperor have in common. */
export interface Launching {
  /** The program and its first words. */
  readonly command: readonly string[];
  readonly wordsBefore: readonly string[];
  readonly wordsAfter: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly owners: Owners;
  /** The descriptor of the log, as it is at that moment. */
  readonly logFd: () => number;
}

/** Behind those of input and output. */
const LINK = 3;

/** What configured the emperor configures no vassal. */
const OWN_VARIABLE = /^UWSGI_(EMPEROR|VASSALS?)(_|$)/;

/**
 * Starts a vassal in a session of its own, so that a signal for the emperor's does not reach it.
 *
 * @throws Error for a file of root's, where vassals run as the owners of their files
 */
export function launchVassal(file: VassalFile, launching: Launching, listener: VassalListener): VassalProcess {
  const { command, wordsBefore, wordsAfter, logFd } = launching;
  const [program = '', ...first] = command;
  const fd = logFd();
  // In a directory by its name, as uWSGI has it: placeholders such as %o show it.
  const child = spawn(program, [...first, ...wordsBefore, `--${formatOf(file.path) ?? 'ini'}`, file.id, ...wordsAfter], {
    cwd: file.directory,
    detached: true,
    env: environmentFor(launching.environment),
    stdio: ['ignore', fd, fd, 'pipe'],
    ...identityOf(file, launching.owners),
  });
  const link = child.stdio[LINK] as Duplex | null | undefined;
  listen(child, link, listener);
  return {
    pid: child.pid ?? 0,
    order: (what) => link?.write(Uint8Array.of(ORDERS[what])),
    kill: () => killGroup(child),
  };
}

function environmentFor(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const passedOn = Object.entries(environment).filter(([name]) => !OWN_VARIABLE.test(name));
  return { ...Object.fromEntries(passedOn), [EMPEROR_DESCRIPTOR]: String(LINK) };
}

/** Node drops all further groups along with root's own. */
function identityOf({ owner }: VassalFile, owners: Owners): Pick<SpawnOptions, 'uid' | 'gid'> {
  if (owners === 'same-user') return {};
  if (owner.uid === 0 || owner.gid === 0) {
    throw new Error(
      'emperor-tyrant: its file belongs to root, and nothing runs as root; chown it to the user and the group who are to run it',
    );
  }
  return owner;
}

function listen(child: ChildProcess, link: Duplex | null | undefined, listener: VassalListener): void {
  link?.on('data', (bytes: Buffer) => {
    for (const report of [...bytes].map(reportOf)) if (report !== undefined) listener.reported(report);
  });
  // A vassal that is gone takes no orders; its end is heard below.
  link?.on('error', () => undefined);
  child.once('error', (error) => {
    if (child.pid === undefined) listener.ended(error.message);
  });
  child.once('exit', (status, signal) => {
    // What a killed server leaves behind ends by itself, but not before its successor wants the same addresses.
    if (signal !== null) cleanUp(child);
    listener.ended(signal ?? `status ${status}`);
  });
}

function cleanUp(child: ChildProcess): void {
  killGroup(child);
  for (const { pid, path } of findRuntimeDirectories()) if (pid === child.pid) rmSync(path, { recursive: true, force: true });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) sendSignal(-pid, 'SIGKILL');
}
