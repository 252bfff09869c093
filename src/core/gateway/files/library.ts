import { createRequire } from 'node:module';

/** A package that is loaded only where it is needed: a gateway without files to serve must not hold a table of all types. */
export const library = createRequire(import.meta.url);
