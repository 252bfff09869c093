import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Users } from '../../routing/action.ts';
import { type Credentials, isRight, isSlow, type PasswordEntry, readPasswordFile } from '../../routing/password.ts';

/** Right passwords that are remembered, where it takes long to check them. */
const KNOWN_MAX = 1000;

interface ReadFile {
  /** When it was changed, and its size. */
  readonly state: string;
  readonly entries: readonly PasswordEntry[];
}

/** Who may enter, by rules and by the files that they name. Files are read again when they have changed. */
export class PasswordFiles {
  readonly #log: (line: string) => void;
  readonly #files = new Map<string, ReadFile>();
  readonly #known = new Set<string>();

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  isKnown(users: Users, credentials: Credentials): boolean {
    const entries = 'entry' in users ? [users.entry] : this.#read(users.file);
    return entries.some((entry) => this.#isRight(entry, credentials));
  }

  #isRight(entry: PasswordEntry, credentials: Credentials): boolean {
    if (!isSlow(entry)) return isRight(entry, credentials);
    const key = keyOf(entry, credentials);
    if (this.#known.has(key)) return true;
    if (!isRight(entry, credentials)) return false;
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.add(key);
    return true;
  }

  #read(path: string): readonly PasswordEntry[] {
    const bytes = Buffer.from(path, 'latin1');
    const found = statSync(bytes, { throwIfNoEntry: false });
    const state = found ? `${found.mtimeMs} ${found.size} ${found.ino}` : 'missing';
    const known = this.#files.get(path);
    if (known?.state === state) return known.entries;
    const entries = this.#load(bytes);
    this.#files.set(path, { state, entries });
    return entries;
  }

  /** What is wrong with it is told once for each state of the file. */
  #load(path: Buffer): readonly PasswordEntry[] {
    try {
      const { entries, unusable } = readPasswordFile(readFileSync(path, 'latin1'));
      for (const { line, reason } of unusable) this.#log(`[gateway] ${path.toString()}:${line}: this user cannot enter: ${reason}`);
      return entries;
    } catch (error) {
      this.#log(`[gateway] basicauth: ${(error as Error).message}; nobody can enter by it`);
      return [];
    }
  }
}

/** Not the password itself, which has no business in memory for longer than needed. */
function keyOf({ password: kept }: PasswordEntry, { name, password }: Credentials): string {
  return createHash('sha256').update(`${kept}\0${name}\0${password}`, 'latin1').digest('base64');
}
