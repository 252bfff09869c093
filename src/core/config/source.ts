/** Where configuration comes from: the names of config files, and their text. */
import { execSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ConfigFileError, ConfigFormatError } from '../errors/config.ts';
import type { Origin } from '../errors/error.ts';
import type { ConfigFormat } from './formats/document.ts';
import { formatOf } from './formats/read.ts';

export interface Source {
  /** As written; relative paths are seen from the working directory, not from the file that includes them. */
  readonly path: string;
  /** Undefined where none is named. */
  readonly section: string | undefined;
}

/** A scheme or a file that gives no text. */
export class SourceError extends Error {}

const SCHEME = /^([a-z]+):\/\//;

/** Parts of uWSGI's own binary, and functions in it: there is nothing of the kind here. */
const OTHER_SCHEMES: readonly string[] = ['data', 'sym', 'section', 'call', 'callint', 'emperor'];

/** Long enough for a config server in the neighbourhood, short enough for a start. */
const FETCH_TIMEOUT_MS = 10_000;

/** The value of `ini`, `xml`, …: `file`, `file:section`, or `:section` for another part of the file that was read last. */
export function parseSource(value: string, last: string | undefined, origin: Origin): Source {
  // The section of an address follows its last slash.
  const colon = SCHEME.test(value) ? value.indexOf(':', value.lastIndexOf('/')) : value.lastIndexOf(':');
  const path = colon === -1 ? value : value.slice(0, colon) || last;
  if (path === undefined || path === '') {
    throw new ConfigFormatError(value, 'it names no file', { origin, suggestions: ['write "ini = FILE" or "ini = FILE:SECTION"'] });
  }
  const section = colon === -1 ? '' : value.slice(colon + 1);
  return { path, section: section === '' ? undefined : section };
}

/** The format of a word without an option in front, or of `include`: the suffix alone decides, as in uWSGI. */
export function formatOfWord(word: string, origin?: Origin): ConfigFormat {
  const format = formatOf(word);
  if (format !== undefined) return format;
  throw new ConfigFormatError(word, 'it is no option, no command and no file ending in .ini, .yaml, .yml, .xml or .json', {
    ...(origin && { origin }),
    suggestions: adviceFor(word),
  });
}

/** A file with another suffix than its option's would be read as something that it is not. */
export function refuseOtherFormat(path: string, format: ConfigFormat, origin: Origin): void {
  const own = formatOf(path);
  if (own === undefined || own === format) return;
  throw new ConfigFormatError(path, `"${format}" reads ${format.toUpperCase()}, and this name ends as ${own.toUpperCase()} does`, {
    origin,
    suggestions: [`write "${own} = ${path}", or "--${own} ${path}"`],
  });
}

/** The text of a config file. */
export function readSource(path: string, origin: Origin): string {
  try {
    return textOf(path);
  } catch (error) {
    if (error instanceof SourceError) throw new ConfigFormatError(path, error.message, { origin, suggestions: ['name a file'] });
    throw new ConfigFileError(path, error as NodeJS.ErrnoException, origin);
  }
}

/** The text for `@(…)`, without the last line's end. */
export function readText(path: string): string {
  try {
    return textOf(path).replace(/\n$/, '');
  } catch (error) {
    if (error instanceof SourceError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new SourceError(code === 'ENOENT' ? 'there is no such file' : message);
  }
}

function textOf(path: string): string {
  if (path === '-') return readFileSync(0, 'utf8');
  const scheme = SCHEME.exec(path)?.[1];
  const rest = path.slice((scheme?.length ?? -3) + 3);
  if (scheme === 'exec') return run(rest);
  if (scheme === 'fd') return readFileSync(Number(rest), 'utf8');
  if (scheme === 'http' || scheme === 'https') return download(path);
  if (scheme !== undefined && OTHER_SCHEMES.includes(scheme)) throw new SourceError(`${scheme}:// names a part of uWSGI itself`);
  return readFileSync(path, 'utf8');
}

function run(command: string): string {
  try {
    return execSync(command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  } catch (error) {
    const { status } = error as { status?: number | null };
    throw new SourceError(`the command "${command}" ended with status ${status ?? 'unknown'}`);
  }
}

/** In a process of its own, since nothing can go on without the answer. */
function download(url: string): string {
  const script = `fetch(process.argv[1], { signal: AbortSignal.timeout(${FETCH_TIMEOUT_MS}) }).then(async (answer) => {
    if (!answer.ok) throw new Error('the answer is ' + answer.status + ' ' + answer.statusText);
    process.stdout.write(await answer.text());
  }).catch((error) => { process.stderr.write(error.cause?.message ?? error.message); process.exitCode = 1; });`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script, url], { encoding: 'utf8' });
  if (status !== 0) throw new SourceError(`${url} cannot be fetched: ${stderr}`);
  return stdout;
}

/** What somebody probably wanted who wrote this word. */
function adviceFor(word: string): readonly string[] {
  const sectioned = /\.(ini|xml|ya?ml|json):[^/]*$/.exec(word)?.[1];
  if (sectioned !== undefined) return [`write "--${sectioned.replace('yml', 'yaml')} ${word}"`];
  if (/\.(py|wsgi)$/.test(word)) return [`write "--wsgi-file ${word}"`];
  if (/^[A-Za-z_][\w.]*:\w+$/.test(word)) return [`write "--module ${word}"`];
  if (/^0?[0-7]{3}$/.test(word)) return [`attach the mode to its option: "-C${word}" or "--chmod-socket=${word}"`];
  if (/\.\w+$|\//.test(word)) return [`write "--ini ${word}" if it is an INI file`];
  return ['see "tsuwsgi --help"'];
}
