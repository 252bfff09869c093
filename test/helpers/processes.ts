import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { eventually } from './eventually.ts';

/** One process as /proc shows it. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
  /** Its argument list, joined by blanks; empty for a zombie. */
  readonly command: string;
}

/** The process, or undefined when there is none with this id. */
export function processInfo(pid: number): ProcessInfo | undefined {
  const [state, parent] = statFields(pid);
  if (state === undefined) return undefined;
  const command = (readProc(pid, 'cmdline') ?? '').replaceAll('\0', ' ').trim();
  return { pid, parent: Number(parent), state, command };
}

/** The number of its main thread's scheduling policy, as sched(7) has them: 3 is SCHED_BATCH. */
export function schedulingPolicy(pid: number): number {
  return Number(statFields(pid)[38]);
}

/** The fields of /proc/PID/stat that follow the name, none where there is no such process: the third of proc(5) comes first. */
function statFields(pid: number): string[] {
  const stat = readProc(pid, 'stat');
  // The name stands in parentheses and may itself hold blanks and parentheses.
  return stat === undefined ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Whether the process still runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  const info = processInfo(pid);
  return info !== undefined && info.state !== 'Z' && info.state !== 'X';
}

/** The process and all below it. */
export function treeOf(pid: number): ProcessInfo[] {
  const all = allProcesses();
  const below = (parent: number): ProcessInfo[] => all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return [...all.filter((one) => one.pid === pid), ...below(pid)];
}

/** Every living process that was started with this text in its environment, wherever its parent went. */
export function processesWith(environment: string): ProcessInfo[] {
  return allProcesses().filter((one) => one.state !== 'Z' && (readProc(one.pid, 'environ') ?? '').includes(environment));
}

/** Waits until none of these processes runs. */
export async function allGone(pids: readonly number[], deadlineMs: number): Promise<void> {
  const left = () => pids.filter(isAlive);
  await eventually(`the end of the processes ${pids.join(', ')}`, () => left().length === 0, deadlineMs).catch((cause: unknown) => {
    const commands = left().map((pid) => `${String(pid)} ${processInfo(pid)?.command ?? ''}`);
    throw new Error(`still running: ${commands.join('; ')}`, { cause });
  });
}

/** Proportional set size in KiB: memory shared by several processes is counted once over all of them. */
export function pssKib(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + Number(/^Pss:\s+(\d+)/m.exec(readProc(pid, 'smaps_rollup') ?? '')?.[1] ?? 0), 0);
}

/** Resident set size in KiB. */
export function rssKib(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readProc(pid, 'status') ?? '')?.[1] ?? NaN);
}

/** The most that it ever held, in KiB. */
export function peakKib(pid: number): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readProc(pid, 'status') ?? '')?.[1] ?? NaN);
}

/** What the process has open, as /proc names it; a file without a name ends in " (deleted)". */
export function openFiles(pid: number): string[] {
  const folder = `/proc/${String(pid)}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(`${folder}/${fd}`)];
    } catch {
      // It was closed between two looks.
      return [];
    }
  });
}

/** A soft limit of a process as /proc names it (`Max address space`), as text. */
export function limitOf(pid: number, name: string): string | undefined {
  const line = (readProc(pid, 'limits') ?? '').split('\n').find((one) => one.startsWith(name));
  return line?.slice(name.length).trim().split(/\s+/)[0];
}

function allProcesses(): ProcessInfo[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processInfo(Number(name)))
    .filter((one) => one !== undefined);
}

function readProc(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${String(pid)}/${name}`, 'latin1');
  } catch {
    // It ended between two looks, or belongs to someone else.
    return undefined;
  }
}
