/** Config files of all formats, from text to pairs. */
import { extname } from 'node:path';
import { type ConfigDocument, type ConfigFormat, type ConfigPair, DEFAULT_SECTION, type Oddity } from './document.ts';
import { readIni } from './ini.ts';
import { readJson } from './json.ts';
import { readXml } from './xml.ts';
import { readYaml } from './yaml.ts';

const FORMATS: Readonly<Record<string, ConfigFormat>> = {
  '.ini': 'ini',
  '.xml': 'xml',
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '.json': 'json',
  '.js': 'json',
};

/** uWSGI knows the format of a file by its suffix alone. */
export function formatOf(path: string): ConfigFormat | undefined {
  return FORMATS[extname(path)];
}

/**
 * The pairs of one section; in XML the first one where none is named.
 *
 * @throws SyntaxProblem where the text is not of this format.
 */
export function readDocument(format: ConfigFormat, text: string, section: string | undefined): ConfigDocument {
  // A byte order mark hides the first line from uWSGI in some formats, which is nobody's wish.
  return cutAtNul(parse(format, text.replace(/^\uFEFF/, ''), section));
}

function parse(format: ConfigFormat, text: string, section: string | undefined): ConfigDocument {
  switch (format) {
    case 'ini':
      return readIni(text, section ?? DEFAULT_SECTION);
    case 'yaml':
      return readYaml(text, section ?? DEFAULT_SECTION);
    case 'json':
      return readJson(text, section ?? DEFAULT_SECTION);
    case 'xml':
      return readXml(text, section);
  }
}

/** Text ends at a NUL for uWSGI, and no path, name or variable can hold one. */
function cutAtNul(document: ConfigDocument): ConfigDocument {
  const isCut = ({ key, value }: ConfigPair) => `${key}${value}`.includes('\0');
  const oddities = document.pairs.filter(isCut).map(({ line }) => nul(line));
  if (oddities.length === 0) return document;
  const pairs = document.pairs.map(({ key, value, line }) => ({ key: head(key), value: head(value), line }));
  return { ...document, pairs, oddities: [...document.oddities, ...oddities] };
}

function head(text: string): string {
  return text.split('\0', 1)[0] ?? '';
}

function nul(line: number): Oddity {
  return { line, rule: 'nul', message: 'this line holds a NUL character, where the text ends', suggestion: 'remove the character' };
}
