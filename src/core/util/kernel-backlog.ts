import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { RecentLook } from './recent-look.ts';

/** Where Linux tells of TCP sockets (proc(5)). Those that listen come first, so the rest of what may be a long list is not read. */
const TABLES = ['/proc/self/net/tcp', '/proc/self/net/tcp6'];
const ENOUGH = 1 << 16;
const LISTENING = '0A';

/** Connections that nobody has accepted yet. */
export class KernelBacklog {
  readonly #byInode: RecentLook<ReadonlyMap<string, number>>;

  constructor(tables = TABLES) {
    this.#byInode = new RecentLook(() => new Map(tables.flatMap((path) => listeners(readStart(path)))));
  }

  /** At this listening TCP socket, as it was within the last second; 0 for others and where the system does not tell. */
  of(fd: number, now: number): number {
    return this.#byInode.at(now).get(String(fstatSync(fd).ino)) ?? 0;
  }
}

/** By the inode of each socket, how many connections wait at it. */
function listeners(table: string): readonly (readonly [inode: string, waiting: number])[] {
  return table.split('\n').flatMap((line) => {
    const [, , , state, queues = '', , , , , inode = ''] = line.trim().split(/\s+/);
    return state === LISTENING ? [[inode, parseInt(queues.split(':')[1] ?? '0', 16)] as const] : [];
  });
}

function readStart(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return ''; // not Linux
  }
  try {
    const bytes = Buffer.alloc(ENOUGH);
    let size = 0;
    // It comes in pieces of a few kilobytes.
    for (let read = 1; read > 0 && size < ENOUGH; size += read) read = readSync(fd, bytes, size, ENOUGH - size, null);
    return bytes.toString('latin1', 0, size);
  } finally {
    closeSync(fd);
  }
}
