/** What pairs of measurements tell: the same load on two commits, one right after the other, so that what happens on the machine happens to both. */
import { formatFigure, median } from '../table.ts';

/** One measurement of each commit; more is better. */
export interface Pair {
  readonly before: number;
  readonly after: number;
}

/** What was measured of a load. */
export interface Measured {
  readonly name: string;
  readonly unit: string;
  readonly pairs: readonly Pair[];
  /** Why there are no pairs; empty where there are. */
  readonly absent: string;
}

type Verdict = 'slower' | 'perhaps slower' | 'a little slower' | 'the same' | 'faster' | 'too few pairs';

/** What has become of a load: the later commit's figures, by those of the earlier one. */
export interface Change {
  /** The median of the pairs' ratios. */
  readonly ratio: number;
  /** The true ratio lies from here … */
  readonly low: number;
  /** … to here with nine chances in ten; of too few pairs, the lowest and the highest there was. */
  readonly high: number;
  readonly verdict: Verdict;
}

/** What a change may cost. */
const ALLOWED = 0.05;
const CERTAINTY = 0.9;

export function judge(pairs: readonly Pair[]): Change {
  const ratios = pairs.map(({ before, after }) => after / before).sort((one, other) => one - other);
  const spare = spareAtEachEnd(ratios.length);
  const low = ratios.at(spare ?? 0) ?? NaN;
  const high = ratios.at(-1 - (spare ?? 0)) ?? NaN;
  const ratio = median(ratios) ?? NaN;
  return { ratio, low, high, verdict: spare === undefined ? 'too few pairs' : verdictOn({ ratio, low, high }) };
}

function verdictOn({ ratio, low, high }: Omit<Change, 'verdict'>): Verdict {
  if (high < 1 - ALLOWED) return 'slower';
  if (ratio < 1 - ALLOWED) return 'perhaps slower';
  if (high < 1) return 'a little slower';
  return low > 1 ? 'faster' : 'the same';
}

/**
 * How many of so many ratios, in their order, may be left out at each end, so that the true median still lies between the others with that
 * certainty: each of them is above it or below it as a coin falls, whatever noise is like (the sign test). Undefined where they are too few.
 */
function spareAtEachEnd(count: number): number | undefined {
  // That so many are below the true median and all others above it, and that so many are or fewer.
  let exactly = 0.5 ** count;
  let atMost = exactly;
  let spare: number | undefined;
  for (let below = 0; 1 - 2 * atMost >= CERTAINTY; below++) {
    spare = below;
    exactly *= (count - below) / (below + 1);
    atMost += exactly;
  }
  return spare;
}

/** All loads as a table in Markdown. */
export function formatChanges(measured: readonly Measured[], commits: { readonly before: string; readonly after: string }): string {
  return [
    `| load | ${commits.before}, median | ${commits.after}, median | ratio, median of pairs | the true one: 90 % sure | |`,
    '|---|--:|--:|--:|--:|---|',
    ...measured.map(formatRow),
  ].join('\n');
}

function formatRow({ name, unit, pairs, absent }: Measured): string {
  if (pairs.length === 0) return `| ${name}, ${unit} | | | | | ${absent} |`;
  const { ratio, low, high, verdict } = judge(pairs);
  const [before, after] = [pairs.map((pair) => pair.before), pairs.map((pair) => pair.after)].map((figures) =>
    formatFigure(median(figures) ?? NaN),
  );
  return `| ${name}, ${unit} | ${before} | ${after} | ${ratio.toFixed(3)} | ${low.toFixed(3)}–${high.toFixed(3)} | ${verdict} |`;
}
