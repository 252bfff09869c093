/** What the server would see: the entries of a configuration in the order in which they count. */
import type { ConfigDocument } from '../config/formats/document.ts';
import { formatOrigin, type Origin } from '../errors/error.ts';
import type { OptionEntry } from '../options/entry.ts';

/** An entry as other programs read it. */
export interface ShownEntry extends ShownOrigin {
  readonly name: string;
  readonly value: string;
}

/** Where something came from; `file` and `line` only when that is a file. */
export interface ShownOrigin {
  readonly file: string | null;
  readonly line: number | null;
  readonly origin: string;
}

export function shownEntries(entries: readonly OptionEntry[]): ShownEntry[] {
  return entries.map((entry) => ({ name: entry.name, value: valueOf(entry), ...shownOrigin(entry.origin) }));
}

function shownOrigin(origin: Origin): ShownOrigin {
  const place = origin.kind === 'file' ? { file: origin.path, line: origin.line } : { file: null, line: null };
  return { ...place, origin: formatOrigin(origin) };
}

/** `key = value` for each entry. This is a view and no file: a value of several lines is shown whole, set in from the second one. */
export function entriesAsText(entries: readonly OptionEntry[]): string {
  const lines = entries.map((entry) => `${entry.name} = ${valueOf(entry).replaceAll('\n', '\n    ')}`.trimEnd());
  return ['[uwsgi]', ...lines, ''].join('\n');
}

/** The entries as a document that can be written in any format. */
export function entriesAsDocument(entries: readonly OptionEntry[]): ConfigDocument {
  const pairs = entries.map((entry, at) => ({ key: entry.name, value: valueOf(entry), line: at + 1 }));
  return { pairs, sections: ['uwsgi'], comments: [], oddities: [] };
}

/** A flag without a value is one that is on; uWSGI's own --show-config prints it so. */
function valueOf({ text, isBare }: OptionEntry): string {
  return isBare ? 'true' : text;
}
