import { formatFigure, median } from '../table.ts';
import type { Timing } from './stopwatch.ts';

/** Where something was timed: with what, on what and how. */
export interface Circumstances {
  /** The words that repeat it. */
  readonly words: string;
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  readonly versions: readonly string[];
}

/** Pieces of one program, as a table in Markdown. */
export function formatTimings(title: string, timings: readonly Timing[]): string {
  const rows = timings.map(
    ({ name, figures }) =>
      `| ${name} | ${formatFigure(median(figures) ?? NaN)} | ${formatFigure(Math.min(...figures))}–${formatFigure(Math.max(...figures))} |`,
  );
  return [`## ${title}`, '', '| piece | ns, median | lowest–highest |', '|---|--:|--:|', ...rows].join('\n');
}

/** The page of all of them. */
export function formatPage({ words, date, commit, machine, versions }: Circumstances, tables: readonly string[]): string {
  return `# Micro-benchmarks

Written by \`${words}\`; change nothing here by hand.

- Date: ${date}, commit ${commit}
- Machine: ${machine}
- Versions: ${versions.join(', ')}

What each request pays, piece by piece, in nanoseconds of processor time: a piece runs again and again with the same input, its garbage is collected meanwhile, and the pieces of a program take turns.
Caches are warm and branches foretold here as they never are in a server, so the pieces do not add up to a request; what they are for is to see what a change of one of them does. Whether that pays is for
\`npm run bench:compare\` to tell.

${tables.join('\n\n')}
`;
}
