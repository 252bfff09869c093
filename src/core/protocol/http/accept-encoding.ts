import { weightsOf } from '../../util/weights.ts';

/** Whether the client takes gzip (RFC 9110 12.5.3): it says so, or that it takes anything, and does not rule it out with `q=0`. */
export function acceptsGzip(field: string): boolean {
  const weights = weightsOf(field);
  const weight = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0;
  return weight > 0;
}
