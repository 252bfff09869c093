/** How many known names are worth showing. */
const MOST = 3;

/**
 * The known names that somebody may have meant by this one, nearest first; none when all are far away.
 * `limit` is how many letters may be wrong; when not given it grows with the length of the name.
 */
export function nearest(name: string, known: Iterable<string>, limit = Math.ceil(name.length / 4)): string[] {
  const wanted = simplify(name);
  const furthest = Math.min(limit, 3);
  const found = [...known]
    // A name that is so much longer or shorter cannot be near, and there are more than a thousand.
    .filter((candidate) => Math.abs(candidate.length - wanted.length) <= furthest)
    .map((candidate) => ({ candidate, distance: distance(wanted, simplify(candidate), furthest) }));
  const best = Math.min(...found.map((one) => one.distance));
  if (best > furthest) return [];
  // Names further away than the best only distract from it.
  return found
    .filter((one) => one.distance === best)
    .slice(0, MOST)
    .map((one) => one.candidate);
}

/** `HTTP_Socket` is `http-socket` to the eye. */
function simplify(name: string): string {
  return name.trim().toLowerCase().replaceAll('_', '-').replace(/^-+/, '');
}

/** Edits between two names: letters added, dropped, replaced, and neighbours swapped (optimal string alignment). Given up beyond `limit`. */
function distance(from: string, to: string, limit: number): number {
  let before: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
        swapped ? at(before, column - 2) + 1 : Infinity,
      );
    }
    // No later row can be better than the best of two rows in a row.
    if (Math.min(...previous, ...current) > limit) return Infinity;
    before = previous;
    previous = current;
  }
  return at(previous, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
