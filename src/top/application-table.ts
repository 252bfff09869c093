import type { ApplicationStats, AnyStatsDocument } from '../core/stats/document.ts';
import { harmless } from './cells.ts';
import { type Change, requestsByMountpoint } from './change.ts';
import type { Column, Table } from './table.ts';
import { count, duration, rate, size } from './units.ts';

interface ApplicationRow {
  readonly mountpoint: string;
  readonly requests: number;
  readonly rate: number | undefined;
  readonly exceptions: number;
  /** What only tsuwsgi tells. */
  readonly told?: ApplicationStats | undefined;
}

const COLUMNS: readonly Column<ApplicationRow>[] = [
  { title: 'APPLICATION', cells: 'rest', align: 'left', importance: 1, text: ({ mountpoint }) => mountpoint },
  { title: 'REQ', cells: 7, align: 'right', importance: 2, text: ({ requests }) => count(requests) },
  { title: 'REQ/S', cells: 5, align: 'right', importance: 3, text: (row) => rate(row.rate), isRate: true },
  {
    title: 'EXC',
    cells: 4,
    align: 'right',
    importance: 4,
    text: ({ exceptions }) => count(exceptions),
    style: ({ exceptions }) => (exceptions > 0 ? 'warning' : undefined),
  },
];

const TOLD: readonly Column<ApplicationRow>[] = [
  told('5XX', 4, { importance: 8, show: ({ responses }) => count(responses['5xx']) }),
  told('P50', 5, { importance: 9, show: ({ latency }) => quantile(latency, 'p50') }),
  told('P99', 5, { importance: 7, show: ({ latency }) => quantile(latency, 'p99') }),
  told('RSS', 5, { importance: 10, show: ({ rss }) => size(rss) }),
  told('TX', 5, { importance: 11, show: ({ tx }) => size(tx) }),
  told('QUEUE', 5, { importance: 5, show: ({ queue }) => count(queue) }),
  told('WAIT', 5, { importance: 12, show: ({ queue, queue_age_ms: age }) => (queue === 0 ? '' : duration(age * 1000)) }),
  told('BUSY', 5, { importance: 6, show: ({ busy, workers }) => `${busy}/${workers}` }),
];

/** One row for each application where there are several, else undefined. */
export function applicationTable(document: AnyStatsDocument, change: Change): Table<ApplicationRow> | undefined {
  const found = requestsByMountpoint(document);
  if (found.length < 2) return undefined;
  const rows = found.map(([mountpoint, requests]): ApplicationRow => {
    const told = document.applications?.find((one) => one.mountpoint === mountpoint);
    return {
      mountpoint: (told?.mountpoints.length ? told.mountpoints : [mountpoint]).map(nameOf).join(', '),
      requests,
      rate: change.application(mountpoint, requests),
      exceptions: told?.exceptions ?? exceptionsOf(document, mountpoint),
      told,
    };
  });
  return { columns: document.applications === undefined ? COLUMNS : [...COLUMNS, ...TOLD], rows };
}

/** What is mounted at nothing has all that no other has. */
function nameOf(mountpoint: string): string {
  return mountpoint === '' ? '/' : harmless(mountpoint);
}

interface Told {
  readonly importance: number;
  readonly show: (told: ApplicationStats) => string;
}

function told(title: string, cells: number, { importance, show }: Told): Column<ApplicationRow> {
  return { title, cells, align: 'right', importance, text: (row) => (row.told === undefined ? '' : show(row.told)) };
}

/** Nothing where there was no request. */
function quantile({ requests, ...latency }: ApplicationStats['latency'], which: 'p50' | 'p99'): string {
  return requests === 0 ? '' : duration(latency[which]);
}

function exceptionsOf({ workers }: AnyStatsDocument, mountpoint: string): number {
  const apps = workers.flatMap((worker) => worker.apps.filter((app) => app.mountpoint === mountpoint));
  return apps.reduce((sum, { exceptions }) => sum + exceptions, 0);
}
