import { fileURLToPath } from 'node:url';
import { needsInit, runUnderInit } from './container-init.ts';
import { showWhile } from './progress.ts';

/** The server can start itself again, by its own path: the one on the command line may be relative or a link. */
const ENTRY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** Serves until it is told to stop; returns the exit status of the process. */
export async function runServer(words: readonly string[]): Promise<number> {
  const executable = [process.execPath, ...process.execArgv, ENTRY];
  if (needsInit(process)) {
    const status = await runUnderInit([...executable, ...words]);
    if (status !== undefined) return status;
    process.stderr.write('no python3 in PATH: orphans of the application stay as zombies; start the container with --init\n');
  }
  // Only now, so that the first process of a container stays small.
  const { serve } = await import('../core/index.ts');
  return serve(words, { environment: process.env, executable, showWhile, paint: await painter() });
}

/** Loaded for people alone. */
async function painter(): Promise<((line: string) => string) | undefined> {
  if (!process.stderr.isTTY) return undefined;
  const [{ errorColours }, { logPainter }] = await Promise.all([import('./colours.ts'), import('./paint-log.ts')]);
  return errorColours.level === 0 ? undefined : logPainter(errorColours);
}
