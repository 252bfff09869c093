/** What is smaller has a place in Node's pool, which costs next to nothing; what is not costs memory of its own. */
export const POOLED = Buffer.poolSize / 2;

/** All of them as one: where there is only one, that. */
export function joined(pieces: readonly Buffer[]): Buffer {
  const [first] = pieces;
  return first && pieces.length === 1 ? first : Buffer.concat(pieces);
}

/**
 * Copies one after another.
 *
 * @param into as long as all of them
 * @returns `into`
 */
export function joinInto(into: Buffer, pieces: readonly Buffer[]): Buffer {
  let at = 0;
  for (const piece of pieces) {
    into.set(piece, at);
    at += piece.length;
  }
  return into;
}
