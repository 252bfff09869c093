/** What came from elsewhere, in the shape that is asked for. */

/** An example of figures by names that nobody knows before. */
export const FIGURES: Readonly<Record<string, number>> = {};

/** What an example, which is a key here, may have besides: examples of that. */
export type Optional = ReadonlyMap<object, object>;

type Fields = Readonly<Record<string, unknown>>;

/** What is of the example's kind in a value: what is missing or of another type is 0 or empty, what may be missing and is stays out. */
export function conform(value: unknown, example: unknown, optional: Optional): unknown {
  if (Array.isArray(example)) return Array.isArray(value) ? value.map((one) => conform(one, example[0], optional)) : [];
  if (isRecord(example)) return conformRecord(isRecord(value) ? value : {}, example, optional);
  return isAlike(value, example) ? value : { number: 0, string: '', boolean: false }[typeof example as 'number' | 'string' | 'boolean'];
}

function conformRecord(value: Fields, example: Fields, optional: Optional): Fields {
  if (example === FIGURES) return Object.fromEntries(Object.entries(value).filter(([, one]) => typeof one === 'number'));
  const more = Object.entries(optional.get(example) ?? {}).filter(([key, one]) => isAlike(value[key], one));
  const all = [...Object.entries(example), ...more];
  return Object.fromEntries(all.map(([key, one]) => [key, conform(value[key], one, optional)]));
}

/** An object, and no list. */
export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON has no other numbers than finite ones, but for those that are too large. */
function isAlike(value: unknown, example: unknown): boolean {
  if (typeof example === 'number') return Number.isFinite(value);
  return typeof value === typeof example && value !== null && Array.isArray(value) === Array.isArray(example);
}
