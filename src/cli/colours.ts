import chalk, { Chalk, chalkStderr, type ChalkInstance } from 'chalk';

/** https://no-color.org: any value but none. The library itself does not look. */
const areUnwanted = (process.env['NO_COLOR'] ?? '') !== '';
const NONE = new Chalk({ level: 0 });

/** For the standard output: none where that is no terminal. */
export const outputColours: ChalkInstance = areUnwanted ? NONE : chalk;

/** For standard error. */
export const errorColours: ChalkInstance = areUnwanted ? NONE : chalkStderr;
