import type { ConfigDocument, ConfigPair } from './document.ts';

/** An option with the comments that stood above it, line by line. */
export interface Item {
  readonly comments: readonly string[];
  readonly pair: ConfigPair;
}

export interface Layout {
  readonly items: readonly Item[];
  /** Comments behind the last option. */
  readonly rest: readonly string[];
}

/** What ends a line or cannot be shown, in one of the formats at least. */
export const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\uFEFF\uFFFE\uFFFF]/gu;

/** What every writer begins with. */
export function layOut({ pairs, comments }: ConfigDocument): Layout {
  const rest = [...comments];
  const items = pairs.map((pair) => {
    const below = rest.findIndex(({ line }) => line > pair.line);
    const above = rest.splice(0, below === -1 ? rest.length : below);
    return { comments: above.flatMap(linesOf), pair };
  });
  return { items, rest: rest.flatMap(linesOf) };
}

/** Neighbours of one key, which some formats write as a list. */
export function runsOf(items: readonly Item[]): readonly (readonly Item[])[] {
  const runs: Item[][] = [];
  for (const item of items) {
    const last = runs.at(-1);
    if (last?.[0]?.pair.key === item.pair.key) last.push(item);
    else runs.push([item]);
  }
  return runs;
}

function linesOf({ text }: { readonly text: string }): readonly string[] {
  return text.split(/\r\n?|\n/).map((line) => line.replace(UNPRINTABLE, ' ').trim());
}
