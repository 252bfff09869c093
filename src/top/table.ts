/** Tables that fit: of the columns that there are, those that there is room for. */
import { cellsOf, fit } from './cells.ts';
import { cellsOfLine, cutLine, type Line, type Span, span, type Style } from './line.ts';

export interface Column<Row> {
  readonly title: string;
  /** Cells that its values take at most; `rest` is whatever the others leave. */
  readonly cells: number | 'rest';
  readonly align: 'left' | 'right';
  /** 1 is there first, also where there is no room; the largest number goes first. */
  readonly importance: number;
  readonly text: (row: Row) => string;
  readonly style?: (row: Row) => Style | undefined;
  /** It takes two documents. */
  readonly isRate?: true;
}

export interface Table<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** The one by which rows are in order, which its title shows. */
  readonly sortedBy?: Column<Row> | undefined;
}

/** Cells that a column needs whose width is `rest`. */
const LEAST_REST = 12;
const MARGIN = 1;

/** The line of titles and a line for each row. */
export function drawTable<Row>({ columns, rows, sortedBy }: Table<Row>, cells: number): readonly Line[] {
  const { places, gap } = arrange(columns, rows, cells);
  const draw = (make: (column: Column<Row>) => Span, between?: Style): Line => {
    const line = places.flatMap(({ column, width }, at) => {
      const { text, style } = make(column);
      return [span(' '.repeat(at === 0 ? MARGIN : gap), between), span(fit(text, width, column.align), style)];
    });
    return cutLine(line, cells);
  };
  const titles = draw(({ title }) => span(title, title === sortedBy?.title ? 'chosen title' : 'title'), 'title');
  const blanks = span(' '.repeat(Math.max(0, cells - cellsOfLine(titles))), 'title');
  return [[...titles, blanks], ...rows.map((row) => draw((column) => span(column.text(row), column.style?.(row))))];
}

export function withoutRates<Row>(table: Table<Row>): Table<Row> {
  return { ...table, columns: table.columns.filter(({ isRate }) => isRate !== true) };
}

interface Place<Row> {
  readonly column: Column<Row>;
  readonly width: number;
}

function arrange<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  cells: number,
): { places: readonly Place<Row>[]; gap: number } {
  const wanted = columns.map((column) => ({ column, width: widthOf(column, rows) }));
  const byImportance = wanted.toSorted((one, other) => one.column.importance - other.column.importance);
  const chosen = new Set<Place<Row>>();
  let room = cells - MARGIN;
  for (const place of byImportance) {
    const needed = place.width + (chosen.size === 0 ? 0 : 1);
    if (needed > room && chosen.size > 0) break;
    room -= needed;
    chosen.add(place);
  }
  const gaps = chosen.size - 1;
  const gap = room >= gaps ? 2 : 1;
  const left = Math.max(0, room - (gap - 1) * gaps);
  const places = wanted.filter((place) => chosen.has(place));
  return { places: places.map((place) => (place.column.cells === 'rest' ? { ...place, width: place.width + left } : place)), gap };
}

/** Wider than planned where a value is, so that no figure is ever cut; a column that takes the rest is cut. */
function widthOf<Row>({ title, cells, text }: Column<Row>, rows: readonly Row[]): number {
  if (cells === 'rest') return LEAST_REST;
  return Math.max(cellsOf(title), cells, ...rows.map((row) => cellsOf(text(row))));
}
