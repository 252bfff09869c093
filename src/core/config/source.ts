/** Where configuration comes from: the names of config files, and their text. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { ConfigFileError, ConfigFormatError } from '../errors/config.ts';
import type { Origin } from '../errors/error.ts';

export interface Source {
  /** As written; relative paths are seen from the working directory, not from the file that includes them. */
  readonly path: string;
  readonly section: string;
}

const DEFAULT_SECTION = 'uwsgi';

const OTHER_FORMATS: readonly string[] = ['.xml', '.yaml', '.yml', '.json', '.js'];

/** The value of `ini`: `file`, `file:section`, or `:section` for another part of the file that was read last. */
export function parseSource(value: string, last: string | undefined, origin: Origin): Source {
  if (/^[a-z]+:\/\//.test(value) || value === '-') {
    throw new ConfigFormatError(value, 'only files are read', { origin, suggestions: ['save it to a file and name that'] });
  }
  const colon = value.lastIndexOf(':');
  const path = colon === -1 ? value : value.slice(0, colon) || last;
  const section = colon === -1 ? '' : value.slice(colon + 1);
  if (path === undefined || path === '') {
    throw new ConfigFormatError(value, 'it names no file', { origin, suggestions: ['write "ini = FILE" or "ini = FILE:SECTION"'] });
  }
  refuseOtherFormats(path, origin);
  return { path, section: section || DEFAULT_SECTION };
}

/** A word of the command line without an option in front. uWSGI knows config files among them by their suffix alone. */
export function parseBareWord(word: string): Source {
  if (extname(word) === '.ini') return { path: word, section: DEFAULT_SECTION };
  refuseOtherFormats(word, undefined);
  throw new ConfigFormatError(word, 'it is no option, no command and no file ending in .ini', { suggestions: adviceFor(word) });
}

/** The text of a config file. */
export function readSource(path: string, origin: Origin): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigFileError(path, error as NodeJS.ErrnoException, origin);
  }
}

function refuseOtherFormats(path: string, origin: Origin | undefined): void {
  if (!OTHER_FORMATS.includes(extname(path).toLowerCase())) return;
  throw new ConfigFormatError(path, 'this version reads INI files only', {
    ...(origin && { origin }),
    suggestions: ['write the options to a file ending in .ini, under [uwsgi], as "key = value"'],
  });
}

/** What somebody probably wanted who wrote this word. */
function adviceFor(word: string): readonly string[] {
  if (/\.ini:[^/]*$/.test(word)) return [`write "--ini ${word}"`];
  if (/\.(py|wsgi)$/.test(word)) return [`write "--wsgi-file ${word}"`];
  if (/^[A-Za-z_][\w.]*:\w+$/.test(word)) return [`write "--module ${word}"`];
  if (/^0?[0-7]{3}$/.test(word)) return [`attach the mode to its option: "-C${word}" or "--chmod-socket=${word}"`];
  if (/\.\w+$|\//.test(word)) return [`write "--ini ${word}" if it is an INI file`];
  return ['see "tsuwsgi --help"'];
}
