import { readFileSync } from 'node:fs';

/** How large a process is, in bytes. */
export interface MemoryUse {
  /** Memory that it holds. */
  readonly rss: number;
  /** Its address space. */
  readonly as: number;
}

/** How large a process is now; undefined when it is gone, or where the system has no /proc. */
export function memoryOf(pid: number): MemoryUse | undefined {
  try {
    return parseMemory(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** From proc_pid_status(5), whose figures are kilobytes whatever the size of a page; one that is about to end has none. */
export function parseMemory(status: string): MemoryUse | undefined {
  const [, size] = /^VmSize:\s*(\d+) kB$/m.exec(status) ?? [];
  const [, resident] = /^VmRSS:\s*(\d+) kB$/m.exec(status) ?? [];
  return size === undefined || resident === undefined ? undefined : { rss: Number(resident) * 1024, as: Number(size) * 1024 };
}
