/**
 * What has changed among the files of vassals since they were last acted upon. A change counts when it was seen twice in the same form:
 * whoever writes a file is given the time to finish, and an editor that removes a file to write it anew has removed nothing.
 */
import type { VassalFile } from './monitor.ts';

export interface Changes {
  readonly appeared: readonly VassalFile[];
  /** Edited, touched, put in another's place. */
  readonly changed: readonly VassalFile[];
  /** Their owners are others now. */
  readonly handedOver: readonly VassalFile[];
  /** The paths of those that are gone. */
  readonly removed: readonly string[];
}

export class Settling {
  #known: ReadonlyMap<string, VassalFile> = new Map();
  #last: ReadonlyMap<string, VassalFile> = new Map();

  /** Takes the first look, at which everything counts. */
  begin(files: readonly VassalFile[]): Changes {
    this.#last = byPath(files);
    return this.#take(files);
  }

  /**
   * Takes a look.
   *
   * @returns what has settled, and whether to look again soon because something has not
   */
  next(files: readonly VassalFile[]): { readonly changes: Changes; readonly isOpen: boolean } {
    const last = this.#last;
    this.#last = byPath(files);
    const settled = [...new Set([...this.#known.keys(), ...last.keys(), ...this.#last.keys()])].flatMap((path) => {
      const now = this.#last.get(path);
      return isSame(now, last.get(path)) ? (now ?? []) : (this.#known.get(path) ?? []);
    });
    const changes = this.#take(settled);
    return { changes, isOpen: [...this.#last.keys(), ...this.#known.keys()].some((path) => this.#isOpen(path)) };
  }

  #isOpen(path: string): boolean {
    return !isSame(this.#last.get(path), this.#known.get(path));
  }

  #take(files: readonly VassalFile[]): Changes {
    const before = this.#known;
    this.#known = byPath(files);
    const stayed = files.filter(({ path }) => before.has(path));
    const isHandedOver = (file: VassalFile): boolean => !isSameOwner(file, before.get(file.path));
    return {
      appeared: files.filter(({ path }) => !before.has(path)),
      changed: stayed.filter((file) => !isHandedOver(file) && file.version !== before.get(file.path)?.version),
      handedOver: stayed.filter(isHandedOver),
      removed: [...before.keys()].filter((path) => !this.#known.has(path)),
    };
  }
}

function byPath(files: readonly VassalFile[]): ReadonlyMap<string, VassalFile> {
  return new Map(files.map((file) => [file.path, file]));
}

function isSame(one: VassalFile | undefined, other: VassalFile | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.version === other.version && isSameOwner(one, other);
}

function isSameOwner({ owner }: VassalFile, other: VassalFile | undefined): boolean {
  return owner.uid === other?.owner.uid && owner.gid === other.owner.gid;
}
