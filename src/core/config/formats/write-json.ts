import { type Item, type Layout, runsOf } from './layout.ts';

/** Neighbours of one key become a list; for others the order counts more, and the key repeats. */
export function writeJson({ items }: Layout, section: string): string {
  const members = runsOf(items).map(memberOf);
  const body = members.length === 0 ? '{}' : `{\n    ${members.join(',\n    ')}\n  }`;
  return `{\n  ${JSON.stringify(section)}: ${body}\n}\n`;
}

function memberOf(run: readonly Item[]): string {
  const values = run.map(({ pair }) => valueOf(pair.value));
  const value = values.length === 1 ? values.join() : `[${values.join(', ')}]`;
  return `${JSON.stringify(run[0]?.pair.key)}: ${value}`;
}

/** Numbers need no quotes where every tool sees the same number. */
function valueOf(text: string): string {
  return /^(0|-?[1-9]\d{0,14})$/.test(text) ? text : JSON.stringify(text);
}
