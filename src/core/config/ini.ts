/**
 * uWSGI's own dialect of INI files:
 *
 *     [uwsgi]              the name is everything up to the last character of the line
 *     key = value          split at the first `=`; no quotes, no escapes, no continued lines
 *     key                  the empty value
 *     ; comment, # comment only where the line begins with it
 *
 * Order and repetition count, and sections of one name are read as one.
 */

export interface IniPair {
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

export interface IniOddity {
  readonly line: number;
  readonly message: string;
  readonly suggestion: string;
}

export interface IniSection {
  readonly pairs: readonly IniPair[];
  /** The names of all sections, this one included when it is there. */
  readonly sections: readonly string[];
  /** Lines that are read as uWSGI reads them, but can hardly be meant so. */
  readonly oddities: readonly IniOddity[];
}

/** Characters that look like `=` or take its place elsewhere; keyboards of other scripts produce the first ones. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '\uFF1D': 'a full-width equals sign',
  '\uFE66': 'a small equals sign',
  '\uA78A': 'a short equals sign',
  '\uFF1A': 'a full-width colon',
  ':': 'a colon',
};

/** The pairs of one section. */
export function readIni(text: string, section: string): IniSection {
  const pairs: IniPair[] = [];
  const sections: string[] = [];
  const oddities: IniOddity[] = [];
  for (const { line, content } of linesOf(text)) {
    if (content.startsWith('[')) sections.push(content.slice(1, -1));
    else if (sections.length === 0) oddities.push(outside(line));
    else if (sections.at(-1) === section) {
      pairs.push({ ...split(content), line });
      oddities.push(...misread(content, line));
    }
  }
  return { pairs, sections: [...new Set(sections)], oddities };
}

/** The lines that say something. A byte order mark would hide the first section, as it does from uWSGI, which is nobody's wish. */
function linesOf(text: string): { line: number; content: string }[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((raw, index) => ({ line: index + 1, content: trim(raw) }))
    .filter(({ content }) => !/^($|[;#])/.test(content));
}

/** Only these three; uWSGI keeps other white space. */
function trim(text: string): string {
  return text.replace(/^[ \t\r]+|[ \t\r]+$/g, '');
}

function split(content: string): { key: string; value: string } {
  const equals = content.indexOf('=');
  if (equals === -1) return { key: content, value: '' };
  return { key: trim(content.slice(0, equals)), value: trim(content.slice(equals + 1)) };
}

function outside(line: number): IniOddity {
  return { line, message: 'this line stands before the first section and is not read', suggestion: 'put "[uwsgi]" above it' };
}

/** `virtualenv＝/srv/env` is a single key to uWSGI. */
function misread(content: string, line: number): IniOddity[] {
  if (content.includes('=')) return [];
  const found = /^([A-Za-z0-9_-]+)\s*([\uFF1D\uFE66\uA78A\uFF1A:])\s*(.*)$/.exec(content);
  const [, key, sign, value] = found ?? [];
  if (key === undefined || sign === undefined || value === undefined) return [];
  const codepoint = `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return [
    {
      line,
      message: `this line has "${sign}" (${codepoint}, ${LOOKALIKES[sign] ?? 'another sign'}) where "=" belongs, and is not read`,
      suggestion: `write "${key} = ${value}"`,
    },
  ];
}
