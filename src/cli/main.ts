/** Decides what a command line asks for: the server, or one of the commands. */
import { existsSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgv } from '../core/options/argv.ts';
import { Findings } from '../core/options/findings.ts';
import { findByName } from '../core/options/names.ts';

const USAGE = `usage: tsuwsgi [flags] [file.ini]

  tsuwsgi --http :9090 --wsgi-file server.py
  tsuwsgi app.ini

"tsuwsgi --help" shows all flags and commands
`;

/** Runs the program; the exit status is set when it has ended. */
export async function main(words: readonly string[]): Promise<void> {
  const files = filesToValidate(words);
  if (files) return runValidation(files);
  const command = commandWords(words);
  if (command) return runCommand(command);
  if (words.length === 0 && !isConfiguredByEnvironment(process.env)) return showUsage();
  return startServer(words);
}

/** The words behind `config validate`, unless they ask for its help. */
export function filesToValidate([topic, command, ...others]: readonly string[]): readonly string[] | undefined {
  if (topic !== 'config' || command !== 'validate') return undefined;
  return others.includes('--help') || others.includes('-h') ? undefined : others;
}

/** The words for oclif, or undefined when they are the server's. */
export function commandWords(words: readonly string[]): readonly string[] | undefined {
  const [first = '', ...others] = words;
  if (first === 'help') return [...others, '--help'];
  if (isCommand(first)) return words;
  // Read by getopt's rules, so that `--callable --help` is no call for help.
  const names = parseArgv(words, new Findings()).entries.map(({ name }) => findByName(name));
  if (names.includes('help')) return ['--help'];
  if (names.includes('version')) return ['--version'];
  return undefined;
}

/** Each file in commands/ is a command, each folder a topic with commands in it. */
function isCommand(word: string): boolean {
  if (!/^[a-z][a-z-]*$/.test(word)) return false;
  const here = fileURLToPath(import.meta.url);
  const path = join(dirname(here), '..', 'commands', word);
  return existsSync(path + extname(here)) || existsSync(path);
}

/** Container images often set nothing but UWSGI_* variables. */
function isConfiguredByEnvironment(environment: NodeJS.ProcessEnv): boolean {
  return Object.keys(environment).some((name) => name.startsWith('UWSGI_'));
}

function showUsage(): void {
  process.stderr.write(USAGE);
  process.exitCode = 1;
}

async function runCommand(words: readonly string[]): Promise<void> {
  const [{ execute }, { settings }] = await Promise.all([import('@oclif/core/execute'), import('@oclif/core/settings')]);
  // Commands are run as they were built. Left to itself, oclif looks for TypeScript sources and a compiler.
  settings.enableAutoTranspile = false;
  await execute({ args: [...words], dir: import.meta.url });
}

/** The same as the command `config validate`, but without loading oclif: editors and builds run it often. */
async function runValidation(words: readonly string[]): Promise<void> {
  const { validate } = await import('./config-validate.ts');
  process.exitCode = validate(words);
}

/**
 * The same as the command `serve`, but without loading oclif: that would cost each start 45 ms,
 * and the master 11 MB for as long as it lives.
 */
async function startServer(words: readonly string[]): Promise<void> {
  const { runServer } = await import('./run-server.ts');
  try {
    process.exit(await runServer(words));
  } catch (error) {
    const { printError } = await import('./print-error.ts');
    process.exit(printError(error));
  }
}
