/** Documents, what the user looks at, and a size → the lines of a screen. */
import { applicationTable } from './application-table.ts';
import { fit } from './cells.ts';
import { changeBetween } from './change.ts';
import { type HeadSettings, headLines, type Seen } from './head.ts';
import { cutLine, type Line, sideBySide, span } from './line.ts';
import { runningTable } from './running-table.ts';
import { drawTable, type Table, withoutRates } from './table.ts';
import { intervalOf, KEYS, type View } from './view.ts';
import type { Watched } from './watched.ts';
import { titleOf, workerTable } from './worker-table.ts';

export interface Screen {
  readonly columns: number;
  readonly rows: number;
}

export interface FrameSettings {
  readonly view: View;
  /** Where the statistics come from, as the user named it. */
  readonly source: string;
  readonly screen: Screen;
}

export interface Frame {
  /** None is wider than the screen, and there are as many as it has rows. */
  readonly lines: readonly Line[];
  /** The view, its offset no further than the last line. */
  readonly view: View;
}

/** Rows of a table that others do not push away. */
const LEAST_ROWS = 3;
const HELP_ROWS = 1;

/** A whole screen. */
export function drawFrame(watched: Watched, { view, source, screen }: FrameSettings): Frame {
  const { columns, rows } = screen;
  const { lines, view: shown } = drawBody(watched, { view, source, screen: { columns, rows: rows - HELP_ROWS } });
  const all = [...Array.from({ length: Math.max(0, rows - HELP_ROWS) }, (_, at) => lines[at] ?? []), helpLine(shown, columns)];
  return { lines: all.map((line) => cutLine(line, columns)).slice(0, rows), view: shown };
}

/** All there is to say, however many lines that takes. */
export function drawReport(watched: Watched, { view, source, screen }: FrameSettings): readonly Line[] {
  return drawBody(watched, { view, source, screen: { columns: screen.columns, rows: Infinity } }).lines;
}

function drawBody(watched: Watched, { view, source, screen }: FrameSettings): Frame {
  if (!hasSeen(watched)) return { lines: [[span(` ${watched.gone ?? 'waiting for the statistics'}`)]], view };
  if (view.isHelp) return { lines: helpLines(), view };
  const settings: HeadSettings = { source, cells: screen.columns };
  const head = headLines(watched, settings);
  const tables = drawTables(watched, view, { columns: screen.columns, rows: screen.rows - head.length });
  return { lines: [...head, ...tables.lines], view: tables.view };
}

function hasSeen(watched: Watched): watched is Seen {
  return watched.now !== undefined;
}

function drawTables({ now, before }: Seen, view: View, { columns, rows }: Screen): Frame {
  const change = changeBetween(now, before);
  const applications = applicationTable(now.document, change);
  const workers = workerTable(now, change, view);
  const running = runningTable(now);
  const titles = applications === undefined ? 4 : 6;
  // The first of these has the most room.
  const wanted = [workers.rows.length, running.rows.length, applications?.rows.length ?? 0];
  const [forWorkers = 0, forRunning = 0, forApplications = 0] = share(Math.max(0, rows - titles), wanted);
  // A screen will have rates with the next document.
  const isWithoutRates = rows === Infinity && change.total.requests === undefined;
  const part = <Row>(table: Table<Row>, shown: Omit<Part, 'columns'>) =>
    drawPart(isWithoutRates ? withoutRates(table) : table, { ...shown, columns });
  const offset = Math.max(0, Math.min(view.offset, workers.rows.length - pageOf(workers.rows.length, forWorkers)));
  const blank: Line = [];
  const lines = [
    ...(applications === undefined ? [] : [blank, ...part(applications, { rows: forApplications, offset: 0 })]),
    blank,
    ...part(workers, { rows: forWorkers, offset }),
    blank,
    ...part(running, { rows: forRunning, offset: 0 }),
  ];
  return { lines, view: { ...view, offset } };
}

/** So many rows for each: first a few for everyone, then what is wanted as long as there are any, in this order. */
function share(rows: number, wanted: readonly number[]): readonly number[] {
  const given = wanted.map(() => 0);
  let left = rows;
  for (const limit of [LEAST_ROWS, Infinity]) {
    for (const [at, want] of wanted.entries()) {
      const more = Math.max(0, Math.min(left, Math.min(want, limit) - (given[at] ?? 0)));
      given[at] = (given[at] ?? 0) + more;
      left -= more;
    }
  }
  return given;
}

interface Part extends Screen {
  readonly offset: number;
}

/** A table of which there may be more than fits; its last line says so then. */
function drawPart<Row>(table: Table<Row>, { rows, columns, offset }: Part): readonly Line[] {
  const all = table.rows.length;
  const page = pageOf(all, rows);
  const lines = drawTable({ ...table, rows: table.rows.slice(offset, offset + page) }, columns);
  if (page === all || page === 0) return lines;
  return [...lines, [span(` ${offset + 1} to ${offset + page} of ${all}`, 'faint')]];
}

/** How many of all rows are shown. */
function pageOf(all: number, rows: number): number {
  return all <= rows ? all : Math.max(0, rows - 1);
}

function helpLine(view: View, columns: number): Line {
  const { by, isReversed } = view.order;
  const how = `every ${intervalOf(view)}s, by ${titleOf(by)}${isReversed ? ' reversed' : ''}`;
  return sideBySide(
    [
      view.isPaused ? [span('PAUSED', 'warning')] : [span(how)],
      ...['q quit', '? keys', 'a cores', '< > sort', 'r reverse', 'space pause', 'f fast', '+ - speed'].map((text) => [
        span(text, 'faint'),
      ]),
    ],
    columns,
  );
}

function helpLines(): readonly Line[] {
  return [[], ...KEYS.map(([keys, what]) => [span(` ${fit(keys, 11)}`, 'strong'), span(what)])];
}
