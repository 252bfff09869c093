import { ConfigConversionError } from '../../errors/config-conversion.ts';
import type { ConfigPair } from './document.ts';
import type { Layout } from './layout.ts';

export function writeIni({ items, rest }: Layout, section: string): string {
  const lines = items.flatMap(({ comments, pair }) => [...comments.map(commentLine), pairLine(pair)]);
  return [`[${section}]`, ...lines, ...rest.map(commentLine), ''].join('\n');
}

function commentLine(text: string): string {
  return `# ${text}`.trimEnd();
}

function pairLine(pair: ConfigPair): string {
  const { key, value } = pair;
  if (/^[[;#]|=/.test(key)) throw refusal(pair, 'such a key');
  for (const text of [key, value]) {
    if (text.includes('\n')) throw refusal(pair, 'a line break');
    if (/^[ \t\r]|[ \t\r]$/.test(text)) throw refusal(pair, 'blanks around a key or a value');
  }
  return value === '' ? `${key} =` : `${key} = ${value}`;
}

function refusal(pair: ConfigPair, what: string): ConfigConversionError {
  return new ConfigConversionError(pair, `INI has no way to write ${what}`, ['convert to YAML or JSON']);
}
