/**
 * `npm start`: installs and builds what is missing, then serves the example; `npm start -- ARGS…` runs any other command line.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare, ROOT } from './prepare.js';

/** The tutorial's command: a master, four workers with two threads each, and the statistics. */
export const EXAMPLE = [
  ...['--http', ':9090', '--wsgi-file', join(ROOT, 'examples/hello/server.py')],
  ...['--master', '--processes', '4', '--threads', '2', '--stats', '127.0.0.1:9191'],
];

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));

/** @param {string[]} words */
function main(words) {
  prepare();
  if (words.length === 0) tellWhereToLook();
  serve(words.length === 0 ? EXAMPLE : words);
}

function tellWhereToLook() {
  console.log('The example answers on http://localhost:9090/ and its statistics are on 127.0.0.1:9191 (curl telnet://127.0.0.1:9191).');
  console.log('Ctrl-C stops it. Any other command line: npm start -- --http :8000 --module package.module\n');
}

/**
 * Signals go to the server, which ends in its own order; this process waits for it.
 *
 * @param {string[]} words
 */
function serve(words) {
  const server = spawn(process.execPath, [join(ROOT, 'bin/run.js'), ...words], { stdio: 'inherit', cwd: process.env['INIT_CWD'] ?? ROOT });
  // Ctrl-C reaches the whole process group, the server included; a signal to this process alone is passed on.
  process.on('SIGINT', () => undefined);
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP', 'SIGQUIT'])) process.on(signal, () => server.kill(signal));
  server.once('exit', (status, signal) => process.exit(signal === null ? (status ?? 1) : 128 + constants.signals[signal]));
}
