import type { Section } from './sections/section.ts';

/** What was measured of one contender. */
export interface Result {
  readonly name: string;
  readonly figures: readonly number[];
  /** Why there are no figures. */
  readonly absent?: string;
}

/**
 * A section as a table in Markdown: medians, spread, and the ratio to the baseline. That is the median of the rounds' ratios: a round takes less
 * time than the machine needs to become another.
 */
export function formatSection({ title, unit, baseline }: Pick<Section, 'title' | 'unit' | 'baseline'>, results: readonly Result[]): string {
  const base = results.find(({ name }) => name === baseline)?.figures ?? [];
  const rows = results.map(({ name, figures, absent }) => {
    if (figures.length === 0) return `| ${name} | ${absent ?? 'not measured'} | | |`;
    const spread = `${formatFigure(Math.min(...figures))}–${formatFigure(Math.max(...figures))}`;
    const ratio = median(figures.map((figure, round) => figure / (base[round] ?? NaN)))?.toFixed(2) ?? '';
    return `| ${name} | ${formatFigure(median(figures) ?? 0)} | ${spread} | ${base.length === 0 ? '' : ratio} |`;
  });
  return [`## ${title}`, '', `| server | ${unit}, median | lowest–highest | ratio to ${baseline} |`, '|---|--:|--:|--:|', ...rows].join(
    '\n',
  );
}

/** The middle one; of an even number the mean of the two in the middle. */
export function median(figures: readonly number[]): number | undefined {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1];
  const high = sorted[Math.floor(middle)];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** As many digits as mean something. */
export function formatFigure(figure: number): string {
  return figure < 10 ? figure.toFixed(2) : Math.round(figure).toLocaleString('en');
}
