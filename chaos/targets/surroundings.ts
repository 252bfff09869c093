/** What a server is started in: a disk of its own for its log, few descriptors, and a clock that can be put. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NOT_ROOT, requires } from '../../test/helpers/requirements.ts';
import { LIMITS, type Stage } from './contender.ts';

const LOG_DISK_MB = 48;
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';

/** Why there is no disk of its own for a log here, or false. */
export const NO_LOG_DISK = NOT_ROOT;

/** Why no clock can be put here, or false. */
export const NO_CLOCK = requires('libfaketime');

/** The words before a server's own: with them it has few descriptors, and a small disk on a folder that nobody else sees. */
export function wrap(command: readonly string[], logFolder: string): readonly string[] {
  const limited = ['prlimit', `--nofile=${String(LIMITS.files)}`, ...command];
  if (NO_LOG_DISK !== false) return limited;
  // A mount of its own namespace ends with the processes, however they end.
  const script = `mount -t tmpfs -o size=${String(LOG_DISK_MB)}m,mode=755 none "$0" && exec "$@"`;
  return ['unshare', '--mount', 'sh', '-c', script, logFolder, ...limited];
}

/** Where we find a path that a process sees. */
export function seenBy(pid: number, path: string): string {
  return `/proc/${String(pid)}/root${path}`;
}

/** The environment of a server. Only the clock of the wall can be put, as an operator or NTP does it; the monotonic one goes on. */
export function environmentFor(stage: Stage, dir: string): Readonly<Record<string, string>> {
  if (stage !== 'clock jumps') return {};
  setClock(dir, 0);
  return {
    LD_PRELOAD: FAKETIME,
    FAKETIME_TIMESTAMP_FILE: clockFile(dir),
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}

/** From now on the clock of the server is so many seconds from the true one. */
export function setClock(dir: string, seconds: number): void {
  writeFileSync(clockFile(dir), `${seconds < 0 ? '' : '+'}${String(seconds)}\n`);
}

function clockFile(dir: string): string {
  return join(dir, 'clock');
}
