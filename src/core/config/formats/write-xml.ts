import { ConfigConversionError } from '../../errors/config-conversion.ts';
import { type ConfigPair, DEFAULT_SECTION } from './document.ts';
import type { Layout } from './layout.ts';
import { FORBIDDEN } from './xml-tree.ts';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' };

export function writeXml({ items, rest }: Layout, section: string): string {
  const id = section === DEFAULT_SECTION ? '' : ` id="${escape(section)}"`;
  const lines = items.flatMap(({ comments, pair }) => [...comments.map(commentLine), element(pair)]);
  return [`<uwsgi${id}>`, ...lines, ...rest.map(commentLine), '</uwsgi>', ''].join('\n');
}

function element(pair: ConfigPair): string {
  const { key, value } = pair;
  if (!/^[A-Za-z_][\w.-]*$/.test(key)) throw refusal(pair, 'such a name');
  // This element would mean a mount.
  if (key === 'app' && value !== '') throw refusal(pair, 'a value of "app"');
  if (FORBIDDEN.test(value)) throw refusal(pair, 'a control character');
  if (key === 'app') return '  <app/>';
  // An empty element means 1.
  return value === '' ? `  <${key}><![CDATA[]]></${key}>` : `  <${key}>${escape(value)}</${key}>`;
}

function commentLine(text: string): string {
  return `  <!-- ${text.replace(/-(?=-)/g, '- ')} -->`;
}

function escape(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character);
}

function refusal(pair: ConfigPair, what: string): ConfigConversionError {
  return new ConfigConversionError(pair, `XML has no way to write ${what}`, ['convert to YAML or JSON']);
}
