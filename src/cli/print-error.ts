import { Chalk, type ChalkInstance } from 'chalk';
import { TsuwsgiError } from '../core/errors/error.ts';
import { errorColours } from './colours.ts';

/** Shows an error on the terminal and returns the exit status that goes with it. */
export function printError(error: unknown): number {
  if (error instanceof TsuwsgiError) {
    process.stderr.write(formatError(error, errorColours));
    return error.exitStatus;
  }
  // Nobody foresaw this one: whoever has to mend it needs all of it.
  console.error(error);
  return 1;
}

/** An error that was foreseen, by its four fields. */
export function formatError(error: TsuwsgiError, color: ChalkInstance = new Chalk({ level: 0 })): string {
  const advice = error.suggestions.map((suggestion) => `  Try this: ${suggestion}`);
  return [
    `${color.red('tsuwsgi:')} ${error.message}`,
    ...advice,
    color.dim(`  Code: ${error.code}`),
    color.dim(`  Reference: ${error.ref}`),
    '',
  ].join('\n');
}
