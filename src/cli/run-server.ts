import { fileURLToPath } from 'node:url';
import { serve } from '../core/index.ts';
import { showWhile } from './progress.ts';

/** The server can start itself again in the background, by its own path: the one on the command line may be relative or a link. */
const ENTRY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** Serves until it is told to stop; returns the exit status of the process. */
export function runServer(words: readonly string[]): Promise<number> {
  return serve(words, { environment: process.env, executable: [process.execPath, ...process.execArgv, ENTRY], showWhile });
}
