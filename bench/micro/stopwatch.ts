/** A small part of what a request costs. */
export interface Piece {
  readonly name: string;
  /** What is timed; where that is a promise, until it is kept. */
  readonly run: () => unknown;
  /** How many of it one run does (1). */
  readonly operations?: number;
}

/** How long it took. */
export interface Timing {
  readonly name: string;
  /** Nanoseconds of processor time an operation, one figure a round. */
  readonly figures: readonly number[];
}

interface Pace {
  readonly rounds: number;
  /** How long each figure takes to come by, in seconds of processor time. */
  readonly seconds: number;
}

/** Milliseconds. */
type Clock = () => number;

/**
 * Times each piece once a round, so that what happens on the machine meanwhile happens to all. What its garbage costs counts: a figure is the
 * time of very many runs by their number.
 */
export async function timePieces(pieces: readonly Piece[], { rounds, seconds }: Pace, clock: Clock = processorTime): Promise<Timing[]> {
  const timed: { readonly piece: Piece; readonly runs: number; readonly figures: number[] }[] = [];
  for (const piece of pieces) timed.push({ piece, runs: await runsIn(piece, 1000 * seconds, clock), figures: [] });
  for (let round = 0; round < rounds; round++) {
    for (const { piece, runs, figures } of timed) {
      figures.push((1e6 * (await timeOf(piece, runs, clock))) / (runs * (piece.operations ?? 1)));
    }
  }
  return timed.map(({ piece: { name }, figures }) => ({ name, figures }));
}

/** How many runs take about so long. To find out warms the piece up, too. */
async function runsIn(piece: Piece, milliseconds: number, clock: Clock): Promise<number> {
  for (let runs = 1; ; runs *= 2) {
    const took = await timeOf(piece, runs, clock);
    if (took >= milliseconds / 2) return Math.max(1, Math.round((runs * milliseconds) / took));
  }
}

async function timeOf({ run }: Piece, runs: number, clock: Clock): Promise<number> {
  const began = clock();
  for (let nth = 0; nth < runs; nth++) {
    const pending = run();
    if (pending instanceof Promise) await pending;
  }
  return clock() - began;
}

/** That of this process and not that of the wall: what else the machine has to do does not count. All threads, so the garbage collector's as well. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
