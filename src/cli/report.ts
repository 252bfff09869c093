import { drawReport } from '../top/frame.ts';
import type { Line } from '../top/line.ts';
import { drawRecent } from '../top/recent-report.ts';
import { firstView } from '../top/view.ts';
import type { Watched } from '../top/watched.ts';
import { paint } from './terminal/paint.ts';

/** As wide as the screen that uWSGI's tools are made for, where the output is none. */
const USUAL_COLUMNS = 80;

/** Prints all there is to say about a server, in the width of the terminal. */
export function printReport(watched: Watched, source: string): void {
  const screen = { columns: process.stdout.columns || USUAL_COLUMNS, rows: Infinity };
  print(drawReport(watched, { view: firstView(0), source, screen }));
}

/** Prints what happened lately. */
export function printRecent(recent: Parameters<typeof drawRecent>[0]): void {
  print(drawRecent(recent));
}

function print(lines: readonly Line[]): void {
  process.stdout.write(lines.map((line) => `${paint(line).trimEnd()}\n`).join(''));
}
