import { type Item, type Layout, runsOf, UNPRINTABLE } from './layout.ts';

/** Neighbours of one key become a list, which every tool understands; for others the order counts more, and the key repeats. */
export function writeYaml({ items, rest }: Layout, section: string): string {
  // A key with nothing below it would be no section.
  const head = items.length === 0 ? `${yamlText(section)}: {}` : `${yamlText(section)}:`;
  return [head, ...runsOf(items).flatMap(linesOf), ...rest.map(commentLine), ''].join('\n');
}

/** A text as YAML, in quotes where it would mean anything else without them. */
export function yamlText(text: string): string {
  const isPlain = /^([\p{L}\p{N}_/.$(+~]|:[^\s:])/u.test(text) && !/[:\s]$|:\s|\s#|[^\p{L}\p{N}\p{P}\p{S} ]/u.test(text);
  if (isPlain) return text;
  // Quoted texts of JSON are such of YAML too, but for some characters.
  return JSON.stringify(text).replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function linesOf(run: readonly Item[]): readonly string[] {
  const [first] = run;
  if (first === undefined) return [];
  const key = `  ${yamlText(first.pair.key)}:`;
  const comments = first.comments.map(commentLine);
  if (run.length === 1) return [...comments, `${key} ${yamlText(first.pair.value)}`];
  const values = run.flatMap((item) => [...(item === first ? [] : item.comments.map(commentLine)), `    - ${yamlText(item.pair.value)}`]);
  return [...comments, key, ...values];
}

function commentLine(text: string): string {
  return `  # ${text}`.trimEnd();
}
