import { createRequire } from 'node:module';

/**
 * A parser of somebody else's, loaded when the first file of its format is read: nearly all config files are INI, and the start of the
 * server must not pay for the others. `require`, because options are read before anything could be awaited.
 */
export const library = createRequire(import.meta.url);
