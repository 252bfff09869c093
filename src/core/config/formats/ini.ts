/**
 * uWSGI's own dialect of INI files:
 *
 *     [uwsgi]              the name is everything up to the last character of the line
 *     key = value          split at the first `=`; no quotes, no escapes, no continued lines
 *     key                  the empty value
 *     ; comment, # comment only where the line begins with it
 *
 * Order and repetition count, and sections of one name are read as one.
 *
 * The `ini` package reads the INI files of everybody else, such as the pyvenv.cfg of a virtualenv (plan/interpreter.ts). It cannot serve
 * here: it takes quotes off, ends values at ` ;` and ` #`, and returns objects, in which a repeated key remains once.
 */
import type { ConfigComment, ConfigDocument, ConfigPair, Oddity } from './document.ts';

/** Characters that look like `=` or take its place elsewhere; keyboards of other scripts produce the first ones. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '\uFF1D': 'a full-width equals sign',
  '\uFE66': 'a small equals sign',
  '\uA78A': 'a short equals sign',
  '\uFF1A': 'a full-width colon',
  ':': 'a colon',
};

/** The pairs of one section. */
export function readIni(text: string, section: string): ConfigDocument {
  const pairs: ConfigPair[] = [];
  const sections: string[] = [];
  const oddities: Oddity[] = [];
  const comments: ConfigComment[] = [];
  for (const { line, content } of linesOf(text)) {
    const isRead = sections.at(-1) === section;
    if (/^[;#]/.test(content)) {
      // What stands above the first section is about the whole file.
      if (isRead || sections.length === 0) comments.push({ line, text: trim(content.slice(1)) });
    } else if (content.startsWith('[')) sections.push(content.slice(1, -1));
    else if (sections.length === 0) oddities.push(outside(line));
    else if (isRead) {
      pairs.push({ ...split(content), line });
      oddities.push(...misread(content, line));
    }
  }
  return { pairs, sections: [...new Set(sections)], comments, oddities };
}

/** The lines that say something. */
function linesOf(text: string): { line: number; content: string }[] {
  return text
    .split('\n')
    .map((raw, index) => ({ line: index + 1, content: trim(raw) }))
    .filter(({ content }) => content !== '');
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

function outside(line: number): Oddity {
  return {
    line,
    rule: 'outside-section',
    message: 'this line stands before the first section and is not read',
    suggestion: 'put "[uwsgi]" above it',
  };
}

/** `virtualenv＝/srv/env` is a single key to uWSGI. */
function misread(content: string, line: number): Oddity[] {
  if (content.includes('=')) return [];
  const found = /^([A-Za-z0-9_-]+)\s*([\uFF1D\uFE66\uA78A\uFF1A:])\s*(.*)$/.exec(content);
  const [, key, sign, value] = found ?? [];
  if (key === undefined || sign === undefined || value === undefined) return [];
  const codepoint = `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return [
    {
      line,
      rule: 'equals-sign',
      message: `this line has "${sign}" (${codepoint}, ${LOOKALIKES[sign] ?? 'another sign'}) where "=" belongs, and is not read`,
      suggestion: `write "${key} = ${value}"`,
    },
  ];
}
