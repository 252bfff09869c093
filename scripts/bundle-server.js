/**
 * The Node processes that serve, as two scripts: to find, read and link hundreds of modules one by one was most of what a start took. They are scripts
 * and no modules, since V8 takes longer for those and Node 20 cannot keep what it has compiled of them (src/bundle.ts).
 * What is imported with import() is in them as well, and still runs when it is needed and not before. Commands and the library stay as the compiler made them.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The gateway, which the process of a server without a master loads while Python starts. */
const GATEWAY = 'core/gateway/gateway.ts';
/** First module of the process that a master has for it. */
const GATEWAY_PROCESS = 'core/gateway/main.ts';
/** Cannot be required and is imported without a promise, so it is in the bundle; other packages stay where they are. */
const MODULE_ONLY = 'chalk';
/** Parts of Node that take a millisecond or more to load, and that most servers need for nothing, or not to start. */
const LATE = ['crypto', 'dgram', 'dns/promises', 'http', 'readline', 'tls', 'v8'].map((name) => `node:${name}`);
const COMPILER = fileURLToPath(new URL('compile-ahead.js', import.meta.url));

/** @typedef {{ sources: string, compiled: string, bundle: string }} Folders */

/**
 * Bundles the sources, and makes the entry of the gateway's process, which leads into its bundle.
 *
 * @param {string} root the checkout, in which the compiler has made dist
 */
export async function bundleServer(root) {
  const compiled = join(root, 'dist');
  const folders = { sources: join(root, 'src'), compiled, bundle: join(compiled, 'bundle') };
  rmSync(folders.bundle, { recursive: true, force: true });
  await build({ ...options(folders, 'load'), stdin: entry(folders, `export { loadBundle } from './bundle.ts';`) });
  await bundleScript(folders, 'main', `export { main } from './cli/main.ts';`);
  // Neither runs before it is asked for: the process has something to do before any other module looks at the standard streams.
  await bundleScript(
    folders,
    'gateway',
    `exports.gateway = () => require('./${GATEWAY}'); exports.run = () => require('./${GATEWAY_PROCESS}');`,
  );
  leadIntoBundle(folders);
  spawnSync(process.execPath, [COMPILER, folders.bundle], { stdio: 'inherit' });
}

/**
 * @param {Folders} folders
 * @param {string} name
 * @param {string} contents its first lines
 */
async function bundleScript(folders, name, contents) {
  const common = options(folders, name);
  await build({
    ...common,
    stdin: entry(folders, contents),
    sourcemap: true,
    sourcesContent: false,
    banner: { js: `${licence()}(function (exports, require, module, __dirname, importPackage) {` },
    footer: { js: '})' },
  });
  const text = readFileSync(common.outfile, 'latin1');
  writeFileSync(common.outfile, `${text}//${createHash('sha1').update(text).digest('hex')}`);
}

/**
 * @param {Folders} folders
 * @param {string} name
 * @returns {import('esbuild').BuildOptions & { outfile: string }}
 */
function options(folders, name) {
  return {
    outfile: join(folders.bundle, `${name}.cjs`),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // Read byte by byte.
    charset: 'ascii',
    // Comments and spaces were a quarter of what is read; names stay, for stack traces.
    minifyWhitespace: true,
    plugins: [partsOfNodeLate(), otherPackages(), ...(name === 'main' ? [gatewayApart(folders)] : []), asScripts(folders)],
    logLevel: 'warning',
  };
}

/**
 * @param {Folders} folders
 * @param {string} contents
 */
function entry({ sources }, contents) {
  return { contents, resolveDir: sources };
}

/** Of what is in the bundle and not ours. */
function licence() {
  const folder = dirname(dirname(createRequire(import.meta.url).resolve(MODULE_ONLY)));
  return `/*! With ${MODULE_ONLY}.\n\n${readFileSync(join(folder, 'license'), 'utf8')}*/\n`;
}

/** @returns {import('esbuild').Plugin} */
function otherPackages() {
  return {
    name: 'other-packages',
    setup: (bundler) => {
      bundler.onResolve({ filter: /^[^./#]/ }, ({ path }) => (path === MODULE_ONLY ? undefined : { path, external: true }));
    },
  };
}

/**
 * What is imported of some parts of Node is there when it is first used. They are not loaded before.
 *
 * @returns {import('esbuild').Plugin}
 */
function partsOfNodeLate() {
  const namespace = 'late';
  return {
    name: namespace,
    setup: (bundler) => {
      bundler.onResolve({ filter: /^node:/ }, ({ path, importer }) =>
        LATE.includes(path) && importer !== path ? { path, namespace } : { path, external: true },
      );
      bundler.onLoad({ filter: /./, namespace }, ({ path }) => {
        const getters = Object.keys(process.getBuiltinModule(path) ?? {}).map(
          (name) => `get ${name}() { return (part ??= require('${path}')).${name}; }`,
        );
        return { contents: `let part; module.exports = { ${getters.join(', ')} };` };
      });
    },
  };
}

/**
 * Only a server without a master has its gateway in the first process: the others are smaller without its code.
 *
 * @param {Folders} folders
 * @returns {import('esbuild').Plugin}
 */
function gatewayApart({ sources }) {
  const contents = `module.exports = require('./load.cjs').loadBundle(require('node:path').join(__dirname, 'gateway.cjs')).gateway();`;
  const namespace = 'gateway-apart';
  return {
    name: namespace,
    setup: (bundler) => {
      bundler.onResolve({ filter: /\/gateway\.ts$/ }, ({ path, resolveDir }) =>
        join(resolveDir, path) === join(sources, GATEWAY) ? { path: 'gateway.cjs', namespace } : undefined,
      );
      bundler.onResolve({ filter: /^\.\/load\.cjs$/, namespace }, ({ path }) => ({ path, external: true }));
      bundler.onLoad({ filter: /./, namespace }, () => ({ contents }));
    },
  };
}

/**
 * A module that asks for its own address is told where it was compiled to: files that it looks for are beside that. Packages that it imports late
 * are imported for it.
 *
 * @param {Folders} folders
 * @returns {import('esbuild').Plugin}
 */
function asScripts({ sources, compiled, bundle }) {
  return {
    name: 'as-scripts',
    setup: (bundler) => {
      bundler.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
        const address = relative(bundle, join(compiled, relative(sources, path))).replace(/\.ts$/, '.js');
        const own = `require('node:url').pathToFileURL(require('node:path').join(__dirname, '${address}')).href`;
        const text = readFileSync(path, 'utf8').replaceAll('import.meta.url', own);
        // Scripts have no import(); the bundler makes something else of it where it has the module.
        return { contents: text.replaceAll(/(?<!typeof )\bimport\('(?!\.)/g, "importPackage('"), loader: 'ts' };
      });
    },
  };
}

/**
 * CommonJS, which Node starts sooner than a module.
 *
 * @param {Folders} folders
 */
function leadIntoBundle({ compiled, bundle }) {
  const path = join(compiled, GATEWAY_PROCESS.replace(/\.ts$/, '.cjs'));
  const at = (/** @type {string} */ name) => `require('node:path').join(__dirname, '${join(relative(dirname(path), bundle), name)}')`;
  writeFileSync(path, `require(${at('load.cjs')}).loadBundle(${at('gateway.cjs')}, ${at('gateway-process.cache')}).run();\n`);
}
