/** What the user looks at, and what keys make of that. */
import type { Rows } from './worker-rows.ts';
import { type Order, SORT_KEYS } from './worker-table.ts';

export interface View {
  readonly rows: Rows;
  readonly order: Order;
  /** The first line of the table of workers that is shown. */
  readonly offset: number;
  /** Seconds from one document to the next. */
  readonly interval: number;
  /** uwsgitop's fast mode, whatever the interval. */
  readonly isFast: boolean;
  readonly isPaused: boolean;
  /** Keys are explained in place of the tables. */
  readonly isHelp: boolean;
}

/** A key: the character that it types, or its name. */
export type Key = string;

const FAST_S = 0.1;
const INTERVALS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60];
const ROWS: readonly Rows[] = ['workers', 'cores', 'cores below workers'];
const PAGE = 10;

/** What each key does, for the help. */
export const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['q', 'quit'],
  ['a', 'workers, cores, or both'],
  ['< >', 'put in order by the column to the left or right (arrows, too)'],
  ['r', 'reverse the order'],
  ['space p', 'pause, and go on'],
  ['f', 'ten times a second, and back'],
  ['+ -', 'more or less often'],
  ['PgUp PgDn', 'other workers (arrows, Home and End, too)'],
  ['? h', 'these keys, and back'],
];

export function firstView(interval: number): View {
  const order: Order = { by: 'id', isReversed: false };
  return { rows: 'workers', order, offset: 0, interval, isFast: false, isPaused: false, isHelp: false };
}

/** Seconds to the next document. */
export function intervalOf({ isFast, interval }: View): number {
  return isFast ? FAST_S : interval;
}

/** What is seen after a key, or `quit`. A key that means nothing changes nothing. */
export function press(view: View, key: Key): View | 'quit' {
  const { order, offset } = view;
  switch (key) {
    case 'q':
    case 'ctrl-c':
      return 'quit';
    case 'a':
      return { ...view, rows: after(ROWS, view.rows), offset: 0 };
    case '<':
    case 'left':
      return { ...view, order: { ...order, by: neighbour(SORT_KEYS, order.by, -1) } };
    case '>':
    case 'right':
      return { ...view, order: { ...order, by: neighbour(SORT_KEYS, order.by, 1) } };
    case 'r':
      return { ...view, order: { ...order, isReversed: !order.isReversed } };
    case ' ':
    case 'p':
      return { ...view, isPaused: !view.isPaused };
    case 'f':
      return { ...view, isFast: !view.isFast };
    case '+':
      return { ...view, isFast: false, interval: INTERVALS_S.findLast((one) => one < view.interval) ?? view.interval };
    case '-':
      return { ...view, isFast: false, interval: INTERVALS_S.find((one) => one > view.interval) ?? view.interval };
    case 'pagedown':
      return { ...view, offset: offset + PAGE };
    case 'pageup':
      return { ...view, offset: Math.max(0, offset - PAGE) };
    case 'down':
      return { ...view, offset: offset + 1 };
    case 'up':
      return { ...view, offset: Math.max(0, offset - 1) };
    case 'home':
      return { ...view, offset: 0 };
    case 'end':
      return { ...view, offset: Infinity };
    case '?':
    case 'h':
      return { ...view, isHelp: !view.isHelp };
    default:
      return view;
  }
}

/** The one behind, and after the last the first. */
function after<One>(all: readonly One[], one: One): One {
  return all[(all.indexOf(one) + 1) % all.length] ?? one;
}

function neighbour<One>(all: readonly One[], one: One, step: 1 | -1): One {
  return all[all.indexOf(one) + step] ?? one;
}
