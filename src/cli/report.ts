import { drawReport } from '../top/frame.ts';
import { firstView } from '../top/view.ts';
import type { Watched } from '../top/watched.ts';
import { paint } from './terminal/paint.ts';

/** As wide as the screen that uWSGI's tools are made for, where the output is none. */
const USUAL_COLUMNS = 80;

/** Prints all there is to say about a server, in the width of the terminal. */
export function printReport(watched: Watched, source: string): void {
  const screen = { columns: process.stdout.columns || USUAL_COLUMNS, rows: Infinity };
  const lines = drawReport(watched, { view: firstView(0), source, screen });
  process.stdout.write(lines.map((line) => `${paint(line).trimEnd()}\n`).join(''));
}
