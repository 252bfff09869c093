#!/usr/bin/env node
// Compiles src to dist, copies the catalog of options and bundles the server and the dashboard, only when something has changed since the last time.
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { bundleServer } from './bundle-server.js';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const DIST = join(ROOT, 'dist');
/** Lists the sources of the last good build; its own time is when that build began. */
const STAMP = join(DIST, '.build');
/** Text files that the engine reads. */
const CATALOG = 'src/core/options/catalog';
/** What browsers run; the engine serves it. */
const DASHBOARD = 'dashboard';

/**
 * @returns {Promise<number>} the exit status: 0, or that of the compiler
 */
export async function build() {
  const sources = listSources();
  const last = readStamp();
  if (last.sources === sources.join('\n') && newest(sources) <= last.time) return 0;

  // What was built from a source that is gone would still be found: a removed command would still run.
  if (last.sources !== sources.join('\n')) rmSync(DIST, { recursive: true, force: true });
  const began = new Date();
  const status = compile();
  if (status !== 0) return status;
  cpSync(join(ROOT, CATALOG), join(DIST, 'core/options/catalog'), { recursive: true });
  await bundleServer(ROOT);
  bundleDashboard();
  writeStamp(sources, began);
  return 0;
}

/** @returns {string[]} */
function listSources() {
  const files = ['src', DASHBOARD].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|txt|html|css|svg)$/.test(file))
      .map((file) => join(folder, file)),
  );
  return ['package.json', 'tsconfig.json', 'scripts/build.js', 'scripts/bundle-server.js', 'scripts/compile-ahead.js', ...files.sort()];
}

/** @param {string[]} sources */
function newest(sources) {
  return Math.max(...sources.map((file) => statSync(join(ROOT, file)).mtimeMs));
}

function readStamp() {
  try {
    return { sources: readFileSync(STAMP, 'utf8'), time: statSync(STAMP).mtimeMs };
  } catch {
    // Nothing was built yet, or not to the end.
    return { sources: '', time: 0 };
  }
}

/**
 * @param {string[]} sources
 * @param {Date} began
 */
function writeStamp(sources, began) {
  writeFileSync(STAMP, sources.join('\n'));
  utimesSync(STAMP, began, began);
}

function compile() {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  return spawnSync(process.execPath, [compiler, '-p', join(ROOT, 'tsconfig.json')], { stdio: 'inherit' }).status ?? 1;
}

/** One script and one style sheet, the chart library in them, with its licence. */
function bundleDashboard() {
  const from = join(ROOT, DASHBOARD);
  const to = join(DIST, DASHBOARD);
  const licence = readFileSync(join(ROOT, 'node_modules/uplot/LICENSE'), 'utf8');
  buildSync({
    entryPoints: [
      { in: join(from, 'main.ts'), out: 'dashboard' },
      { in: join(from, 'style.css'), out: 'dashboard' },
    ],
    outdir: to,
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    banner: { js: `/*! With uPlot.\n\n${licence}*/`, css: `/*! With the style sheet of uPlot.\n\n${licence}*/` },
    logLevel: 'warning',
  });
  cpSync(join(from, 'index.html'), join(to, 'index.html'));
  cpSync(join(from, 'icon.svg'), join(to, 'dashboard.svg'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await build();
