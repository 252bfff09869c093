import { readFile } from 'node:fs/promises';
import { extname } from 'node:path/posix';
import { library } from './library.ts';

/** Where systems keep the table: Debian, Fedora and Alpine. */
const SYSTEM_TABLE = '/etc/mime.types';

type Lookup = (extension: string) => string | undefined;

/**
 * Content types by the ending of a file's name: of the tables that the configuration names, else of the system's, else, as in most
 * containers there is none, of the package `mime-types`. Read when the first file is served.
 */
export class MimeTypes {
  readonly #files: readonly string[];
  readonly #system: string;
  readonly #log: (line: string) => void;
  #lookup: Promise<Lookup> | undefined;

  /** @param system where the system's table would be */
  constructor(files: readonly string[], log: (line: string) => void, system = SYSTEM_TABLE) {
    this.#files = files;
    this.#log = log;
    this.#system = system;
  }

  /** Undefined for an ending that nobody knows. `STYLE.CSS` is as `style.css`, where the table has no capitals of its own. */
  async typeOf(path: string): Promise<string | undefined> {
    this.#lookup ??= this.#load();
    const lookup = await this.#lookup;
    const extension = extname(path).slice(1);
    return extension === '' ? undefined : (lookup(extension) ?? lookup(extension.toLowerCase()));
  }

  async #load(): Promise<Lookup> {
    const tables = this.#files.length > 0 ? this.#files : [this.#system];
    const texts = await Promise.all(tables.map((table) => this.#read(table)));
    const found = texts.filter((text) => text !== undefined);
    if (found.length === 0 && this.#files.length === 0) return builtIn();
    const types = new Map<string, string>();
    for (const text of found) readTable(text, types);
    return (extension) => types.get(extension);
  }

  async #read(table: string): Promise<string | undefined> {
    try {
      return await readFile(table, 'utf8');
    } catch (error) {
      if (this.#files.length > 0) this.#log(`[gateway] mimefile = ${table}: ${(error as Error).message}`);
      return undefined;
    }
  }
}

/** Lines of a type and its endings, "text/html html htm"; the first line that names an ending counts. */
export function readTable(text: string, types: Map<string, string>): void {
  for (const line of text.split('\n')) {
    const [type, ...extensions] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (type === undefined) continue;
    for (const extension of extensions) if (!types.has(extension)) types.set(extension, type);
  }
}

function builtIn(): Lookup {
  const { types } = library('mime-types') as typeof import('mime-types');
  return (extension) => types[extension];
}
