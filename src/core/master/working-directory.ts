import { closeSync, constants, openSync } from 'node:fs';
import { ServerFileError } from '../errors/accounts.ts';
import type { Plan } from '../plan/plan.ts';
import type { DoorsChange } from './doors.ts';

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
  #path = this.#start;

  /** As it was entered; there may be another directory of that name now, or none. */
  get path(): string {
    return this.#path;
  }

  /**
   * At the start, after the hooks of root.
   *
   * @throws ServerFileError
   */
  enter(directory: string | undefined): void {
    this.#base = process.cwd();
    this.#go(directory);
  }

  /**
   * Reads files where the server was started, as far as its user may go there.
   *
   * @throws ServerFileError where one is missing since that directory cannot be entered
   */
  atStart<Result>(act: () => Result): Result {
    const goBack = wayBack();
    const refusal = attempt(() => go(this.#start));
    try {
      return act();
    } catch (error) {
      throw refusal !== undefined && isMissing(error) ? refusal : error;
    } finally {
      goBack.take();
      goBack.forget();
    }
  }

  /**
   * Enters the directory of a plan.
   *
   * @throws ServerFileError when it cannot be entered; then nothing has changed
   */
  prepare({ process: { directory } }: Plan): Promise<DoorsChange> {
    // Where nobody asks for a directory, that of the start stays, or where its hooks have gone.
    if (directory === undefined && this.#path === this.#base) return Promise.resolve(NOTHING);
    const before = this.#path;
    const goBack = wayBack();
    const undo = (): Promise<void> => {
      goBack.take();
      this.#path = before;
      return commit();
    };
    const commit = (): Promise<void> => {
      goBack.forget();
      return Promise.resolve();
    };
    const refusal = attempt(() => {
      go(this.#base);
      this.#go(directory);
    });
    return refusal === undefined ? Promise.resolve({ commit, undo }) : undo().then(() => Promise.reject(refusal));
  }

  #go(directory: string | undefined): void {
    if (directory !== undefined) go(directory);
    this.#path = process.cwd();
  }
}

const NOTHING: DoorsChange = { commit: () => Promise.resolve(), undo: () => Promise.resolve() };

/** To where we are, whatever becomes of its name. */
function wayBack(): { take(): void; forget(): void } {
  const fd = openSync('.', O_PATH | constants.O_DIRECTORY);
  return { take: () => process.chdir(`/proc/self/fd/${fd}`), forget: () => closeSync(fd) };
}

function go(directory: string): void {
  try {
    process.chdir(directory);
  } catch (error) {
    throw new ServerFileError('enter the directory', directory, error as NodeJS.ErrnoException);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

function attempt(act: () => void): Error | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
