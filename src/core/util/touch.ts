import { statSync } from 'node:fs';

/** uWSGI looks once a second; half of that costs nothing either. */
const INTERVAL_MS = 500;

/** Watches files for being touched, created or removed, as uWSGI's touch-* options do. */
export class TouchWatch {
  readonly #timer: NodeJS.Timeout;

  /** @param touched called with the path, at most once a look for each file */
  constructor(paths: readonly string[], touched: (path: string) => void) {
    const seen = new Map(paths.map((path) => [path, timeOf(path)]));
    this.#timer = setInterval(() => {
      for (const [path, before] of seen) {
        const now = timeOf(path);
        seen.set(path, now);
        if (now !== before) touched(path);
      }
    }, INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** The modification time in milliseconds, undefined where there is no such file. */
function timeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
