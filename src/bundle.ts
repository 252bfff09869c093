/**
 * Loads the bundles that scripts/bundle-server.js makes. Each is one script, and beside it lies what V8 made of it when it was built: to compile it
 * anew took a third of a start. Another version of V8, or one with other flags, does not take that and compiles as ever.
 *
 *     main.cjs         (function (exports, require, …) { … })  //<digest>
 *     main.cjs.cache   V8's code cache                          <digest>
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';

/** Of a SHA-1 in hexadecimal, at the end of a bundle and of its cache. V8 itself compares nothing of the source but its length. */
const DIGEST_LENGTH = 40;

/** Where stack traces say that a bundle is: a path would be that of the machine on which it was compiled. */
const PLACE = 'tsuwsgi/dist/bundle';

/** What a bundle's only expression is. Scripts have no import() of their own. */
type Wrapper = (
  ...given: [exports: object, require: NodeJS.Require, module: { exports: unknown }, dirname: string, importPackage: Import]
) => void;

type Import = (name: string) => Promise<unknown>;

/**
 * Runs a bundle, once.
 *
 * @param file its absolute path
 * @param cache that of its code cache: one for each set of V8's flags
 * @returns what it exports
 */
export function loadBundle(file: string, cache = `${file}.cache`): unknown {
  const source = readFileSync(file, 'latin1');
  const cachedData = cacheOf(source, cache);
  const filename = join(PLACE, basename(file));
  const script = new Script(source, { filename, ...(cachedData !== undefined && { cachedData }) });
  const wrapper = script.runInThisContext() as Wrapper;
  const module = { exports: {} };
  wrapper(module.exports, createRequire(file), module, dirname(file), (name) => import(name));
  return module.exports;
}

/** What was compiled of this very source; nothing where there is none, or only that of another one. */
function cacheOf(source: string, path: string): Buffer | undefined {
  try {
    const cache = readFileSync(path);
    const end = cache.length - DIGEST_LENGTH;
    return cache.toString('latin1', end) === source.slice(-DIGEST_LENGTH) ? cache.subarray(0, end) : undefined;
  } catch {
    // Not every build could make one.
    return undefined;
  }
}
