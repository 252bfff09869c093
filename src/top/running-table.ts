import type { CoreStats } from '../core/stats/document.ts';
import { fromClient } from './cells.ts';
import type { Style } from './line.ts';
import type { Sample } from './sample.ts';
import type { Column, Table } from './table.ts';
import { duration } from './units.ts';

/** A request that runs now. */
interface RunningRow {
  readonly ageUs: number;
  /** Worker and core. */
  readonly place: string;
  readonly method: string;
  readonly uri: string;
}

/** From when on it looks slow, and stuck. */
const SLOW_US = 1e6;
const STUCK_US = 10e6;

const COLUMNS: readonly Column<RunningRow>[] = [
  { title: 'AGE', cells: 6, align: 'right', importance: 1, text: ({ ageUs }) => duration(ageUs), style: ({ ageUs }) => styleOf(ageUs) },
  { title: 'CORE', cells: 5, align: 'right', importance: 3, text: ({ place }) => place },
  { title: 'METHOD', cells: 6, align: 'left', importance: 4, text: ({ method }) => method },
  { title: 'RUNNING NOW', cells: 'rest', align: 'left', importance: 2, text: ({ uri }) => uri },
];

/** Longest methods that are shown whole: more than any that is registered. */
const METHOD_LENGTH = 16;

/** The slowest first. */
export function runningTable({ document, epoch }: Sample): Table<RunningRow> {
  const rows = document.workers.flatMap(({ id, cores }) =>
    cores
      .filter((core) => core.in_request === 1)
      .map((core) => ({
        ageUs: ageOf(core, epoch),
        place: `${id}:${core.id}`,
        method: variable(core, 'REQUEST_METHOD').slice(0, METHOD_LENGTH),
        uri: variable(core, 'REQUEST_URI'),
      })),
  );
  return { columns: COLUMNS, rows: rows.toSorted((one, other) => other.ageUs - one.ageUs) };
}

/** uWSGI tells in whole seconds when it began, on the clock of its machine. */
function ageOf({ req_info: { age_ms: ageMs, request_start: start } }: CoreStats, epoch: number): number {
  if (ageMs !== undefined) return ageMs * 1000;
  return start === undefined ? 0 : Math.max(0, Math.floor(epoch) - start) * 1e6;
}

function variable({ vars }: CoreStats, name: string): string {
  return fromClient(vars.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? '');
}

function styleOf(ageUs: number): Style | undefined {
  if (ageUs >= STUCK_US) return 'bad';
  return ageUs >= SLOW_US ? 'warning' : undefined;
}
