/**
 * The Node processes that serve, in few files: to find, read and link hundreds of modules one by one was most of what a start took.
 * What is loaded lazily has files of its own in the bundle. Commands and the library stay as the compiler made them.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

/** The first module of each process, without its extension, and its folder in the bundle. They share no file, so that each has fewer. */
const PROCESSES = Object.entries({ 'cli/main': 'main', 'core/gateway/main': 'gateway' });

/**
 * Bundles the sources, and has the compiled entries lead into the bundle.
 *
 * @param {string} root the checkout, in which the compiler has made dist
 */
export async function bundleServer(root) {
  const sources = join(root, 'src');
  const compiled = join(root, 'dist');
  const bundle = join(compiled, 'bundle');
  // Names of files tell what is in them, so others would stay.
  rmSync(bundle, { recursive: true, force: true });
  for (const [module, name] of PROCESSES) {
    const folder = join(bundle, name);
    await bundleModule({ module: join(sources, `${module}.ts`), folder, addresses: whereCompiled({ sources, compiled, folder }) });
    const entry = join(compiled, `${module}.js`);
    writeFileSync(entry, `export * from '${relative(dirname(entry), join(folder, 'main.js'))}';\n`);
  }
}

/** @param {{ module: string, folder: string, addresses: import('esbuild').Plugin }} what */
async function bundleModule({ module, folder, addresses }) {
  await build({
    entryPoints: [{ in: module, out: 'main' }],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    sourcesContent: false,
    // Comments and spaces were a quarter of what is read; names stay, for stack traces.
    minifyWhitespace: true,
    plugins: [addresses],
    logLevel: 'warning',
  });
}

/**
 * A module that asks for its own address is told where it was compiled to: files that it looks for are beside that.
 *
 * @param {{ sources: string, compiled: string, folder: string }} folders
 * @returns {import('esbuild').Plugin}
 */
function whereCompiled({ sources, compiled, folder }) {
  return {
    name: 'where-compiled',
    setup: (bundler) => {
      bundler.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
        const address = relative(folder, join(compiled, relative(sources, path))).replace(/\.ts$/, '.js');
        const text = readFileSync(path, 'utf8').replaceAll('import.meta.url', `new URL('${address}', import.meta.url).href`);
        return { contents: text, loader: 'ts' };
      });
    },
  };
}
