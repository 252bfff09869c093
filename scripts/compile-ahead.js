/**
 * `node compile-ahead.js BUNDLE`: starts servers that get no Python, and keeps what V8 has compiled of the bundles on the way
 * (src/bundle.ts): what every start needs, and little else. Where that fails there is no such file, and V8 compiles at each start.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';

/** Those of a process of gateways are in gateway-process.ts. What is compiled with other flags is not for it. */
const RUNS = [
  { flags: [], caches: { 'main.cjs': 'main.cjs.cache', 'gateway.cjs': 'gateway.cjs.cache' } },
  { flags: ['--max-semi-space-size=32'], caches: { 'gateway.cjs': 'gateway-process.cache' } },
];
/** Node is no Python, as it finds while the gateway starts. */
const WORDS = ['--http-socket', '127.0.0.1:0', '--wsgi-file', 'application.py', '--python', process.execPath];
const DIGEST_LENGTH = 40;

const [bundle = '', run] = process.argv.slice(2);
if (run === undefined) RUNS.forEach(startServer);
else await compile(RUNS[Number(run)]?.caches ?? {});

/**
 * @param {{ flags: string[] }} run
 * @param {number} index
 */
function startServer({ flags }, index) {
  // What the user of this machine sets for servers is not for this one.
  const { PATH, TMPDIR } = process.env;
  const words = [...flags, fileURLToPath(import.meta.url), bundle, String(index)];
  spawnSync(process.execPath, words, { stdio: 'ignore', timeout: 20_000, env: { PATH, TMPDIR } });
}

/** @param {Record<string, string>} caches */
async function compile(caches) {
  /** @type {Map<string, vm.Script>} */
  const scripts = new Map();
  vm.Script = class extends vm.Script {
    /** @param {ConstructorParameters<typeof vm.Script>} given */
    constructor(...[source, options]) {
      super(source, options);
      if (typeof options === 'object') scripts.set(basename(options.filename ?? ''), this);
    }
  };
  // The code would be that of other flags, which a process does not have yet when it loads it.
  v8.setFlagsFromString = () => undefined;
  process.once('exit', () => {
    for (const [name, cache] of Object.entries(caches)) keep(join(bundle, name), scripts.get(name), join(bundle, cache));
  });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- what is required has the type that is said to it here
  const { loadBundle } = /** @type {typeof import('../src/bundle.ts')} */ (createRequire(import.meta.url)(join(bundle, 'load.cjs')));
  const { main } = /** @type {typeof import('../src/cli/main.ts')} */ (loadBundle(join(bundle, 'main.cjs')));
  await main(WORDS);
}

/**
 * @param {string} file
 * @param {vm.Script | undefined} script
 * @param {string} cache
 */
function keep(file, script, cache) {
  if (script === undefined) return;
  const digest = readFileSync(file).subarray(-DIGEST_LENGTH);
  writeFileSync(cache, Buffer.concat([script.createCachedData(), digest]));
}
