import { tmpdir } from 'node:os';
import { ProtocolError } from '../errors/protocol.ts';
import type { GatewaySettings } from '../plan/gateway-plan.ts';
import { PieceMemory } from './piece-memory.ts';
import type { SharedBodies, SharedBody } from './shared-bodies.ts';
import { SpoolFile, type SpoolEvents } from './spool-file.ts';

/** All bodies together may take so much memory; what comes beyond that goes to files at once. */
const MEMORY_MAX = 64 * 1024 * 1024;
/** What goes to files does so in blocks. */
const BLOCK = 128 * 1024;
/** So many of the descriptors that the process may have are for files, at most. */
const FILES_PART = 4;

/** What a gateway keeps of the bodies that come in and go out: how much, and where. */
type BodySettings = Pick<GatewaySettings, 'bodyMemory' | 'bodyDirectory' | 'responseKept' | 'responsesKept'>;

/** What a store works with. */
interface Means {
  /** Of what goes wrong with a response, which its client does not notice. */
  readonly tell: (what: string) => void;
  /** Memory that workers can read; undefined where there is none. */
  readonly shared?: SharedBodies;
}

/** Memory and files for the bodies of all requests, and files for those of responses, with a bound for each of them. */
export class BodyStore {
  #settings: BodySettings;
  readonly #filesMax: number;
  /** For what is on its way to its files. */
  readonly #blocks = new PieceMemory(BLOCK);
  readonly #tell: (what: string) => void;
  readonly #shared: SharedBodies | undefined;
  #memory = 0;
  #files = 0;
  /** Bytes of responses in files. */
  #kept = 0;

  /**
   * @param descriptors how many the process may have
   */
  constructor(settings: BodySettings, descriptors: number, { tell, shared }: Means) {
    this.#settings = settings;
    this.#filesMax = Math.floor(descriptors / FILES_PART);
    this.#tell = tell;
    this.#shared = shared;
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

  /** Memory for a body of this size that workers can read, if there is such. What it holds is reserved. */
  share(size: number): SharedBody | undefined {
    if (!this.#shared || !this.reserve(0, size)) return undefined;
    const body = this.#shared.take(size);
    if (!body) this.giveBack(size);
    return body;
  }

  giveBack(bytes: number): void {
    this.#memory -= bytes;
  }

  /** Whether more of a response may be kept that has so many bytes in its file already; 0 for one that has no file yet. */
  hasRoom(held: number): boolean {
    const { responseKept, responsesKept } = this.#settings;
    return held < responseKept && this.#kept < responsesKept && (held > 0 || this.#files < this.#filesMax);
  }

  /** So much more of a response is in its file. */
  keep(bytes: number): void {
    this.#kept += bytes;
  }

  /** The file of a response that had so much is gone. */
  drop(bytes: number): void {
    this.#kept -= bytes;
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
    return new SpoolFile(this.#directory, this.#blocks, events);
  }

  closed(): void {
    this.#files--;
  }

  /** What the client hears of a file that failed, and the log. */
  failure(error: Error): ProtocolError {
    return ProtocolError.notKept(this.#directory, error);
  }

  /** A response cannot be kept, so its worker waits for the client. */
  refused(error: Error): void {
    this.#tell(
      `a response cannot be kept in ${this.#directory} (${error.message}): its worker waits for the client; ` +
        'make room there, or name another directory with http-post-buffering-dir',
    );
  }

  get #directory(): string {
    return this.#settings.bodyDirectory ?? tmpdir();
  }
}
