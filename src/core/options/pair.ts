/** `name=value` in two, at the first equals sign. Where there is none, all of it is the name. */
export function splitPair(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/**
 * `path=a,freq=3` by its keys.
 *
 * @throws RangeError of this form when one of them is none of these
 */
export function readPairs(text: string, keys: readonly string[], form: string): ReadonlyMap<string, string> {
  const pairs = text.split(',').map(splitPair);
  if (pairs.some(([key]) => !keys.includes(key))) throw new RangeError(form);
  return new Map(pairs);
}
