import type { Change } from './change.ts';
import type { Style } from './line.ts';
import type { Sample } from './sample.ts';
import type { Column, Table } from './table.ts';
import { count, duration, rate, size, UNKNOWN } from './units.ts';
import { type Rows, type WorkerRow, workerRows } from './worker-rows.ts';

interface WorkerColumn extends Column<WorkerRow> {
  readonly key: SortKey;
  /** What rows are put in order by. */
  readonly value: (row: WorkerRow) => number | string;
}

export type SortKey = 'id' | Exclude<keyof WorkerRow, 'name' | 'id'>;

export interface Order {
  readonly by: SortKey;
  readonly isReversed: boolean;
}

/** From left to right. Those up to importance 12 have room in 80 columns. */
const COLUMNS: readonly WorkerColumn[] = [
  { ...figure('id', String), title: 'ID', cells: 4, importance: 1, text: ({ name }) => name },
  { ...figure('pid', orNothing(String)), title: 'PID', cells: 7, importance: 5 },
  { ...figure('state', String), title: 'STATE', cells: 5, importance: 2, align: 'left', style: ({ state }) => styleOf(state) },
  { ...figure('requests', count), title: 'REQ', cells: 7, importance: 3 },
  { ...figure('share', (percent) => percent.toFixed(1)), title: '%', cells: 5, importance: 15 },
  { ...figure('rate', rate), isRate: true, title: 'REQ/S', cells: 5, importance: 4, text: (row) => rate(row.rate) },
  { ...figure('exceptions', count), title: 'EXC', cells: 4, importance: 7, style: (row) => (row.exceptions ? 'warning' : undefined) },
  { ...figure('harakiris', count), title: 'HRK', cells: 3, importance: 10, style: (row) => (row.harakiris ? 'bad' : undefined) },
  { ...figure('averageUs', orNothing(duration)), title: 'AVG', cells: 5, importance: 6 },
  { ...figure('rss', orNothing(size)), title: 'RSS', cells: 5, importance: 8 },
  { ...figure('vsz', orNothing(size)), title: 'VSZ', cells: 5, importance: 14 },
  { ...figure('sent', size), title: 'TX', cells: 5, importance: 9 },
  { ...figure('runningUs', orNothing(duration)), title: 'RUN', cells: 6, importance: 16 },
  { ...figure('spawns', count), title: 'SPWN', cells: 4, importance: 11 },
  { ...figure('livedUs', duration), title: 'SINCE', cells: 6, importance: 13 },
  {
    ...figure('cores', ({ busy, all }) => `${busy}/${all}`),
    title: 'CORES',
    cells: 5,
    importance: 12,
    value: ({ cores }) => cores?.busy ?? 0,
  },
];

/** What the table can be put in order by, from left to right. */
export const SORT_KEYS: readonly SortKey[] = COLUMNS.map(({ key }) => key);

/** For what is 0 only where there is none, or nobody has measured it. */
function orNothing(show: (value: number) => string): (value: number) => string {
  return (value) => (value === 0 ? UNKNOWN : show(value));
}

/** How the column is called. */
export function titleOf(by: SortKey): string {
  return COLUMNS.find(({ key }) => key === by)?.title ?? '';
}

/** Here the smallest is first, elsewhere the largest. */
const UPWARDS: readonly SortKey[] = ['id', 'pid', 'state'];

/** uwsgitop's colours, as far as they have a meaning. */
const STATE_STYLES: Readonly<Record<string, Style>> = { busy: 'good', cheap: 'faint', pause: 'accent' };

/** The workers, or their cores, in this order. */
export function workerTable(sample: Sample, change: Change, { rows, order }: { rows: Rows; order: Order }): Table<WorkerRow> {
  const column = COLUMNS.find(({ key }) => key === order.by);
  return {
    columns: COLUMNS,
    rows: workerRows(sample, change, { rows, inOrder: (list) => inOrder(list, column, order) }),
    sortedBy: column,
  };
}

/** A column of figures; undefined ones are blank. */
function figure<Key extends SortKey>(
  key: Key,
  show: (value: NonNullable<WorkerRow[Key]>) => string,
): Pick<WorkerColumn, 'key' | 'align' | 'text' | 'value'> {
  const text = (row: WorkerRow) => {
    const value = row[key];
    return value === undefined ? '' : show(value);
  };
  const value = (row: WorkerRow) => (typeof row[key] === 'string' ? row[key] : Number(row[key] ?? 0));
  return { key, align: 'right', text, value };
}

function styleOf(state: string): Style | undefined {
  return STATE_STYLES[state] ?? (state.startsWith('sig') ? 'warning' : undefined);
}

/** Those of the same value are in the order of their numbers. */
function inOrder(rows: readonly WorkerRow[], column: WorkerColumn | undefined, { by, isReversed }: Order): readonly WorkerRow[] {
  if (column === undefined) return rows;
  const direction = UPWARDS.includes(by) === isReversed ? -1 : 1;
  return rows.toSorted((one, other) => direction * compare(column.value(one), column.value(other)) || one.id - other.id);
}

function compare(one: number | string, other: number | string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
