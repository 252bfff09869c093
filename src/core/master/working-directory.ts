import { closeSync, constants, openSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { ServerFileError } from '../errors/accounts.ts';
import type { Plan } from '../plan/plan.ts';
import { NO_CHANGE, type PreparedChange } from './prepared-change.ts';

/** Of open(2): a place in the file system that need not be readable. Node has no name for it. */
const O_PATH = 0x200000;

/**
 * `chdir`: where the master works, and every process that it starts. Each reload enters it anew, since the path may lead elsewhere by then:
 * /srv/app/current is a symbolic link to one release after the other.
 */
export class WorkingDirectory {
  /** Where the server was started: the paths of its config files are seen from here. */
  readonly #start = process.cwd();
  /** Where `chdir` is seen from, which hooks of the start may have changed. */
  #base = this.#start;
  #now: Place = { directory: undefined, path: this.#start };

  /** As it was entered; there may be another directory of that name now, or none. */
  get path(): string {
    return this.#now.path;
  }

  /**
   * At the start, after the hooks of root.
   *
   * @throws ServerFileError
   */
  enter(directory: string | undefined): void {
    this.#base = process.cwd();
    if (directory !== undefined) go(directory);
    this.#now = { directory, path: process.cwd() };
  }

  /**
   * Reads files where the server was started, as far as its user may go there.
   *
   * @throws ServerFileError where one is missing since that directory cannot be entered
   */
  atStart<Result>(act: () => Result): Result {
    const goBack = attempt(wayBack);
    const refusal = goBack instanceof Error ? goBack : attempt(() => go(this.#start));
    try {
      return act();
    } catch (error) {
      throw refusal instanceof Error && isFor(error, 'ENOENT') ? refusal : error;
    } finally {
      if (!(goBack instanceof Error)) {
        if (!(refusal instanceof Error)) goBack.take();
        goBack.forget();
      }
    }
  }

  /**
   * Enters the directory of a plan.
   *
   * @throws ServerFileError when it cannot be entered; then nothing has changed
   */
  // eslint-disable-next-line @typescript-eslint/require-await -- what is wrong comes as a rejection, as from all that a reload prepares
  async prepare({ process: { directory } }: Plan): Promise<PreparedChange> {
    const isSame = directory === this.#now.directory;
    // Where nobody asks for a directory, that of the start stays, or where its hooks have gone.
    if (isSame && directory === undefined) return NO_CHANGE;
    const change = attempt(() => this.#change(directory));
    if (!(change instanceof Error)) return change;
    // Root has entered it, and is given up: what it has entered is as good.
    if (isSame && isFor(change, 'EACCES')) return NO_CHANGE;
    throw change;
  }

  #change(directory: string | undefined): PreparedChange {
    const before = this.#now;
    const goBack = wayBack();
    const commit = (): Promise<void> => Promise.resolve(goBack.forget());
    const undo = (): Promise<void> => {
      goBack.take();
      this.#now = before;
      return commit();
    };
    try {
      if (directory === undefined || !isAbsolute(directory)) go(this.#base);
      if (directory !== undefined) go(directory);
    } catch (error) {
      void undo();
      throw error;
    }
    this.#now = { directory, path: process.cwd() };
    return { commit, undo };
  }
}

interface Place {
  /** What `chdir` says. */
  readonly directory: string | undefined;
  readonly path: string;
}

/**
 * To where we are, whatever becomes of its name.
 *
 * @throws ServerFileError where only root could come back
 */
function wayBack(): { take(): void; forget(): void } {
  try {
    const fd = openSync('.', O_PATH | constants.O_DIRECTORY);
    return { take: () => process.chdir(`/proc/self/fd/${fd}`), forget: () => closeSync(fd) };
  } catch (error) {
    throw new ServerFileError('leave the directory', '.', error as NodeJS.ErrnoException);
  }
}

function go(directory: string): void {
  try {
    process.chdir(directory);
  } catch (error) {
    throw new ServerFileError('enter the directory', directory, error as NodeJS.ErrnoException);
  }
}

function isFor(error: unknown, code: string): boolean {
  return error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === code;
}

function attempt<Result>(act: () => Result): Result | Error {
  try {
    return act();
  } catch (error) {
    return error as Error;
  }
}
