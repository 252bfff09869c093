import type { ChalkInstance } from 'chalk';
import type { Line, Style } from '../../top/line.ts';
import { outputColours as colours } from '../colours.ts';

/** A line as the standard output takes it: in colours where that is a terminal and NO_COLOR does not forbid them. */
export function paint(line: Line): string {
  return line.map(({ text, style }) => (style === undefined ? text : STYLES[style](text))).join('');
}

const STYLES: Readonly<Record<Style, ChalkInstance>> = {
  strong: colours.bold,
  faint: colours.dim,
  good: colours.green,
  warning: colours.yellow,
  bad: colours.red.bold,
  accent: colours.cyan,
  title: colours.inverse,
  'chosen title': colours.inverse.bold.underline,
};
