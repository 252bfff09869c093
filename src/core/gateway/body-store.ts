import { tmpdir } from 'node:os';
import { ProtocolError } from '../errors/protocol.ts';
import type { GatewaySettings } from '../plan/gateway-plan.ts';
import { SpoolFile, type SpoolEvents } from './spool-file.ts';

/** All bodies together may take so much memory; what comes beyond that goes to files at once. */
const MEMORY_MAX = 64 * 1024 * 1024;
/** So many of the descriptors that the process may have are for files, at most. */
const FILES_PART = 4;

/** What a gateway keeps of the bodies that come in: how much in memory, and where the rest. */
type BodySettings = Pick<GatewaySettings, 'bodyMemory' | 'bodyDirectory'>;

/** Memory and files for all bodies of a gateway, with a bound for each of them. */
export class BodyStore {
  #settings: BodySettings;
  readonly #filesMax: number;
  #memory = 0;
  #files = 0;

  /** @param descriptors how many the process may have */
  constructor(settings: BodySettings, descriptors: number) {
    this.#settings = settings;
    this.#filesMax = Math.floor(descriptors / FILES_PART);
  }

  follow(settings: BodySettings): void {
    this.#settings = settings;
  }

  /** Bodies are collected before a worker has them. */
  get isCollecting(): boolean {
    return this.#settings.bodyMemory > 0;
  }

  /** Files that are open. */
  get files(): number {
    return this.#files;
  }

  /** Whether a body that holds so many bytes may hold this many more. */
  reserve(held: number, more: number): boolean {
    if (held + more > this.#settings.bodyMemory || this.#memory + more > MEMORY_MAX) return false;
    this.#memory += more;
    return true;
  }

  giveBack(bytes: number): void {
    this.#memory -= bytes;
  }

  /** A file for a body; throws a 503 where there are too many. Whoever has it says `closed`. */
  open(events: SpoolEvents): SpoolFile {
    if (this.#files >= this.#filesMax) {
      throw ProtocolError.refused(
        503,
        `its body needs a file, and ${this.#files} bodies have one: raise ulimit -n, or http-post-buffering`,
      );
    }
    this.#files++;
    return new SpoolFile(this.#directory, events);
  }

  closed(): void {
    this.#files--;
  }

  /** What the client hears of a file that failed, and the log. */
  failure(error: Error): ProtocolError {
    return ProtocolError.notKept(this.#directory, error);
  }

  get #directory(): string {
    return this.#settings.bodyDirectory ?? tmpdir();
  }
}
