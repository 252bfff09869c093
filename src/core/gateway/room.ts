import { readFileSync } from 'node:fs';
import { SparseLine } from '../util/sparse-line.ts';

/** What a gateway has open beside connections of clients and slots: the runtime's own, sockets, files. Without any left it is helpless. */
const OWN_FILES = 64;
/** When there is no room, this part of it is made at once, so that it is not looked for at every connection. */
const PART = 16;

/** A client's connection, as far as room is concerned. */
export interface Occupant {
  /** `idle`: nothing of a request is here; `speaking`: a part of its head is. */
  readonly activity: 'idle' | 'speaking' | 'busy';
  /** When it will have waited long enough. */
  readonly deadline: number;
  destroy(): void;
}

/**
 * Room for connections, which are bounded by the descriptors that a process may have. libuv accepts a connection for which there is none
 * only to close it, so those that ask for something would be lost because of others that do not. The silent ones have to go before: first
 * who is idle, then who has not said all of a head, and among them whose time would be up first. If nobody can go, the newcomer does.
 */
export class Room {
  readonly #connections: ReadonlySet<Occupant>;
  readonly #files: number;
  /** How many connections there may be in any case; 0 where descriptors alone bound them. */
  most: number;
  readonly #line: SparseLine;
  /** Who was told to go. The descriptor is free at once, but only later is the connection known to be closed. */
  readonly #leaving = new Set<Occupant>();

  /**
   * @param connections all that there are
   * @param bounds how many descriptors the process may have, and how many connections there may be; 0 where descriptors alone bound them
   */
  constructor(connections: ReadonlySet<Occupant>, bounds: { files: number; connections: number }, log: (line: string) => void) {
    this.#connections = connections;
    this.#files = bounds.files;
    this.most = bounds.connections;
    this.#line = new SparseLine((times) => log(`[gateway] connections closed to make room, silent ones first: ${times} (${this.#bound})`));
  }

  /**
   * Somebody has come and is among the connections.
   *
   * @param taken descriptors that are in use for something else: connections of workers, files
   */
  take(newcomer: Occupant, taken: number, now: number): void {
    const room = Math.min(this.most || Infinity, Math.max(this.#files - OWN_FILES - taken, Math.floor(this.#files / 2)));
    if (this.#connections.size <= room || this.#countThatStay() <= room) return;
    const silent = this.#silentBeside(newcomer).slice(0, Math.ceil(room / PART));
    const leaving = silent.length > 0 ? silent : [newcomer];
    for (const connection of leaving) {
      this.#leaving.add(connection);
      connection.destroy();
    }
    this.#line.add(leaving.length, now);
  }

  /** Tells of those that had to go, when it is time to. */
  tell(now: number): void {
    this.#line.tell(now);
  }

  get #bound(): string {
    return this.most > 0 && this.most < this.#files / 2 ? `max-connections is ${this.most}` : `ulimit -n is ${this.#files}`;
  }

  #countThatStay(): number {
    for (const connection of this.#leaving) if (!this.#connections.has(connection)) this.#leaving.delete(connection);
    return this.#connections.size - this.#leaving.size;
  }

  #silentBeside(newcomer: Occupant): Occupant[] {
    const staying = [...this.#connections].filter((one) => one !== newcomer && !this.#leaving.has(one));
    const idle = staying.filter(({ activity }) => activity === 'idle');
    const silent = idle.length > 0 ? idle : staying.filter(({ activity }) => activity === 'speaking');
    return silent.sort((one, other) => one.deadline - other.deadline);
  }
}

/** How many descriptors this process may have; Infinity where the system does not say. */
export function filesAllowed(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return soft === undefined ? Infinity : Number(soft);
  } catch {
    // Only Linux has it.
    return Infinity;
  }
}
