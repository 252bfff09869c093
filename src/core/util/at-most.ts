/**
 * Does something with each item, for so many of them at the same time, and waits for all of them whatever happens to some.
 *
 * @returns what became of each, in the order of the items
 */
export async function settleAtMost<Item, Result>(
  limit: number,
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<PromiseSettledResult<Result>[]> {
  const results: PromiseSettledResult<Result>[] = [];
  const waiting = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of waiting) [results[index]] = await Promise.allSettled([act(item)]);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  return results;
}
