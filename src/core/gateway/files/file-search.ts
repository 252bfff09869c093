import type { FileSettings } from '../../plan/file-settings.ts';
import { bytePath } from './byte-path.ts';
import { find, type Found, type FoundFile } from './found-file.ts';

/** A place where the file of a request may be. */
export interface Candidate {
  readonly path: string;
  /** The folder that is served, or the only file: nothing outside of it is, but what static-safe allows. `/` is anything. */
  readonly root: string;
}

/** A file, and where it and what belongs to it may be. */
export interface Hit {
  readonly file: FoundFile;
  readonly root: string;
}

/** Finds the file for a request: the first candidate that is one, or whose folder has an index. */
export class FileSearch {
  readonly #indexes: readonly string[];
  readonly #safe: readonly string[];
  readonly #log: (line: string) => void;

  constructor({ indexes, safe }: FileSettings, log: (line: string) => void) {
    this.#indexes = indexes.map(bytePath);
    this.#safe = safe.map(bytePath);
    this.#log = log;
  }

  /** Whoever gets a file closes it. */
  async first(candidates: readonly Candidate[]): Promise<Hit | undefined> {
    for (const candidate of candidates) {
      const found = await this.#at(candidate);
      const file = found?.kind === 'folder' ? await this.#indexOf(found.path, candidate.root) : found?.file;
      if (file) return { file, root: candidate.root };
    }
    return undefined;
  }

  /** The compressed twin of a file. */
  async twin({ file: { path }, root }: Hit): Promise<FoundFile | undefined> {
    const found = await this.#at({ path: `${path}.gz`, root });
    return found?.kind === 'file' ? found.file : undefined;
  }

  async #indexOf(folder: string, root: string): Promise<FoundFile | undefined> {
    for (const name of this.#indexes) {
      const found = await this.#at({ path: `${folder}/${name}`, root });
      if (found?.kind === 'file') return found.file;
    }
    return undefined;
  }

  #at({ path, root }: Candidate): Promise<Found> {
    return find(path, {
      root,
      safe: this.#safe,
      refused: (real) => this.#log(`[gateway] ${real} is neither below ${root} nor in a folder of static-safe, so it is not served`),
    });
  }
}
