/** Whether the client takes gzip (RFC 9110 12.5.3): it says so, or that it takes anything, and does not rule it out with `q=0`. */
export function acceptsGzip(field: string): boolean {
  const weights = new Map(field.split(',').map(parseCoding));
  const weight = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0;
  return weight > 0;
}

function parseCoding(text: string): [coding: string, weight: number] {
  const [coding = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice('q='.length);
  return [coding, weight === undefined ? 1 : Number(weight) || 0];
}
