/** Which of the running servers a command is meant for. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NotAServerError, PidFileError, ServerGoneError, WhichServerError } from '../errors/operate.ts';
import { CONTROL_SOCKET, findRuntimeDirectories, isAlive } from '../util/runtime-directory.ts';

/** A server that runs, as others find it. */
export interface RunningServer {
  readonly pid: number;
  /** Where it takes orders. */
  readonly controlSocket: string;
}

/**
 * The server of this user that is meant: by its pid, by its pid file, or as the only one there is.
 *
 * @throws WhichServerError, PidFileError, ServerGoneError or NotAServerError when there is not just that one.
 */
export function findServer(target: string | undefined): RunningServer {
  if (target === undefined) return onlyServer();
  return /^\d+$/.test(target) ? serverOf(Number(target), '') : serverOfPidFile(target);
}

/** The server whose pid is in a file, whatever the file's name looks like. */
export function serverOfPidFile(path: string): RunningServer {
  return serverOf(readPidFile(path), path);
}

/** Whether a word is the pid of a server of this user. */
export function isServerPid(word: string): boolean {
  return /^\d+$/.test(word) && runningServers().some(({ pid }) => pid === Number(word));
}

function onlyServer(): RunningServer {
  const running = runningServers();
  const [only] = running;
  if (only === undefined || running.length > 1) throw new WhichServerError(running.map(describe));
  return only;
}

function serverOf(pid: number, source: string): RunningServer {
  const found = runningServers().find((server) => server.pid === pid);
  if (found !== undefined) return found;
  throw isAlive(pid) ? new NotAServerError(pid) : new ServerGoneError(pid, source);
}

/** A pid of 0 would mean our own process group and 1 is the whole system's first process: uWSGI sends its signal all the same. */
function readPidFile(path: string): number {
  const text = readFile(path).trim();
  if (text === '') throw new PidFileError(path, 'the file is empty');
  const pid = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(pid)) throw new PidFileError(path, 'there is no pid in this file');
  if (pid <= 1) throw new PidFileError(path, `${pid} is no pid of a server`);
  return pid;
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new PidFileError(path, UNREADABLE[code ?? ''] ?? message, error);
  }
}

const UNREADABLE: Readonly<Record<string, string>> = { ENOENT: 'there is no such file', EISDIR: 'this is a folder' };

function runningServers(): readonly RunningServer[] {
  return findRuntimeDirectories()
    .filter(({ isLive }) => isLive)
    .map(({ pid, path }) => ({ pid, controlSocket: join(path, CONTROL_SOCKET) }))
    .filter(({ controlSocket }) => existsSync(controlSocket));
}

/** The pid and, where the system tells it, the command line. */
function describe({ pid }: RunningServer): string {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(2);
    return `${pid}: ${words.join(' ').trim()}`;
  } catch {
    // No /proc here, or the process has just ended.
    return String(pid);
  }
}
