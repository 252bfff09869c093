import { ProtocolError } from '../errors/protocol.ts';

/**
 * Refuses a body above `limit-post` with 413, as soon as so much of it is announced or has come.
 *
 * @param limit in bytes; 0 for any
 */
export function checkBodySize(size: number, limit: number): void {
  if (limit > 0 && size > limit) throw ProtocolError.bodyTooLarge(size, limit);
}
