/**
 * What a header such as Accept or Accept-Encoding names, in small letters, and how much it is wanted (RFC 9110 12.4.2): 1 where nothing is
 * said of that, 0 for what is ruled out.
 */
export function weightsOf(field: string): ReadonlyMap<string, number> {
  return new Map(field.split(',').map(parseWeighted));
}

function parseWeighted(text: string): [name: string, weight: number] {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice('q='.length);
  return [name, weight === undefined ? 1 : Number(weight) || 0];
}
