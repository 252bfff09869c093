import { cellsOf, cut } from './cells.ts';

/** What a piece of text means to the eye; whoever has a terminal knows the colours. */
export type Style = 'strong' | 'faint' | 'good' | 'warning' | 'bad' | 'accent' | 'title' | 'chosen title';

export interface Span {
  readonly text: string;
  readonly style?: Style | undefined;
}

/** One line of the screen. */
export type Line = readonly Span[];

export function span(text: string, style?: Style): Span {
  return style === undefined ? { text } : { text, style };
}

export function cellsOfLine(line: Line): number {
  return line.reduce((sum, { text }) => sum + cellsOf(text), 0);
}

/** The line in so many cells at most. */
export function cutLine(line: Line, cells: number): Line {
  let room = cells;
  const kept: Span[] = [];
  for (const { text, style } of line) {
    const short = cut(text, room);
    room -= cellsOf(short);
    if (short !== '') kept.push(span(short, style));
    if (short !== text) break;
  }
  return kept;
}

/** Pieces side by side, two blanks between them; those that do not fit any more are left out. */
export function sideBySide(pieces: readonly Line[], cells: number): Line {
  const line: Span[] = [];
  for (const piece of pieces.filter((one) => one.length > 0)) {
    const more = [span(line.length === 0 ? ' ' : '  '), ...piece];
    if (line.length === 0 || cellsOfLine(line) + cellsOfLine(more) <= cells) line.push(...more);
  }
  return cutLine(line, cells);
}
