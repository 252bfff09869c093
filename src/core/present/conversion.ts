/** A config file in another format, with the same meaning: what is not of the format itself stays as it was written. */
import { type ConfigDocument, type ConfigFormat, type ConfigPair, DEFAULT_SECTION, SyntaxProblem } from '../config/formats/document.ts';
import { readDocument } from '../config/formats/read.ts';
import { writeDocument } from '../config/formats/write.ts';
import { ConfigFormatError, ConfigSyntaxError } from '../errors/config.ts';

export interface WrittenConfig {
  readonly path: string;
  readonly format: ConfigFormat;
  readonly text: string;
  /** The one to convert; the usual one when not given. */
  readonly section: string | undefined;
}

export interface Conversion {
  readonly text: string;
  /** What the new file does not have, and why. */
  readonly notices: readonly string[];
}

/** @throws TsuwsgiError where the text is not of its format, or has something that the other format cannot hold. */
export function convert(config: WrittenConfig, format: ConfigFormat): Conversion {
  const document = read(config);
  const section = config.section ?? DEFAULT_SECTION;
  return {
    text: writeDocument(format, document, section),
    notices: [...noticesOf(config, section, document), ...lostComments(config, document, format)],
  };
}

function read({ path, format, text, section }: WrittenConfig): ConfigDocument {
  try {
    const document = readDocument(format, text, section);
    if (document.pairs.length === 0) throw new ConfigFormatError(path, nothingIn(document, section), { suggestions: adviceFor(document) });
    return document;
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    throw new ConfigSyntaxError(format, error.message, {
      origin: { kind: 'file', path, line: error.line },
      suggestions: error.suggestions,
    });
  }
}

function nothingIn({ sections }: ConfigDocument, section = DEFAULT_SECTION): string {
  return sections.includes(section) ? `its section [${section}] is empty` : `it has no section [${section}]`;
}

function adviceFor({ sections }: ConfigDocument): string[] {
  return sections.map((name) => `write "--section ${name}"`);
}

function noticesOf({ path }: WrittenConfig, section: string, { sections, pairs, oddities }: ConfigDocument): string[] {
  const others = sections.filter((name) => name !== section);
  return [
    ...oddities.map(({ line, message, suggestion }) => `${path}:${line}: ${message}; ${suggestion}`),
    ...(others.length === 0 ? [] : [`${path}: only [${section}] is converted, not ${others.map((name) => `[${name}]`).join(', ')}`]),
    ...pairs.filter(isReference).map((pair) => `${path}:${pair.line}: ${adviceOn(pair)}`),
  ];
}

function lostComments({ path }: WrittenConfig, { comments }: ConfigDocument, format: ConfigFormat): string[] {
  if (format !== 'json' || comments.length === 0) return [];
  return [`${path}: JSON has no comments: those of line ${comments.map(({ line }) => line).join(', ')} are left out`];
}

/** `ini = :base` */
function isReference({ key, value }: ConfigPair): boolean {
  return /^(ini|xml|ya?ml|json|js)$/.test(key) && value.startsWith(':');
}

function adviceOn({ key, value }: ConfigPair): string {
  return `"${key} = ${value}" names a section that the new file does not have; convert it too, with "--section ${value.slice(1)}", and name that file here`;
}
