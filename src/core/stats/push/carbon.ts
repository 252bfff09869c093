/** Lines for Graphite's Carbon (its plaintext protocol: name, value, time) under the names that uWSGI's plugin gives them. */
import type { StatsDocument, WorkerStats } from '../document.ts';
import { fullName, namedFigures } from '../named-figures.ts';

export interface CarbonNames {
  /** In front of each name. */
  readonly prefix: string;
  /** Figures of single workers, too. */
  readonly hasWorkers: boolean;
  /** All figures of `named-figures.ts` in place of the plugin's own choice. */
  readonly usesMetrics: boolean;
  /** What is sent as a mean of response times while there were none. */
  readonly idleAverage: 'last' | 'zero' | 'none';
}

/** The statistics at a time, in seconds since the epoch. */
export interface DatedDocument {
  readonly document: StatsDocument;
  readonly at: number;
}

/** @param before what was sent last; undefined the first time */
export function carbonLines(now: DatedDocument, before: DatedDocument | undefined, names: CarbonNames): readonly string[] {
  const rows = names.usesMetrics
    ? namedFigures(now.document, names.hasWorkers).map((figure): Row => [fullName(figure), figure.value])
    : chosen(now, before, names);
  return rows.map(([name, value]) => `${names.prefix}.${name.replaceAll(/\s/g, '_')} ${value} ${Math.floor(now.at)}`);
}

type Row = readonly [name: string, value: number];

function chosen(now: DatedDocument, before: DatedDocument | undefined, { hasWorkers, idleAverage }: CarbonNames): readonly Row[] {
  const { workers } = now.document;
  const running = workers.filter(({ pid }) => pid > 0);
  const seconds = before === undefined ? 0 : now.at - before.at;
  const each = workers.map((worker) => describe(worker, workerIn(before, worker.id), { seconds, idleAverage }));
  const averages = each.flatMap(({ worker, average }) => (worker.pid > 0 && average !== undefined ? [average] : []));
  const total = (value: (worker: WorkerStats) => number): number => workers.reduce((sum, worker) => sum + value(worker), 0);
  return [
    ['requests', total(({ requests }) => requests)],
    ...(hasWorkers ? each.flatMap(rowsOf) : []),
    ...(averages.length === 0 ? [] : ([['avg_rt', mean(averages)]] as const)),
    ['tx', total(({ tx }) => tx)],
    ['busyness', mean(each.map(({ busyness }) => busyness))],
    ['active_workers', running.length],
    ['harakiri', total(({ harakiri_count }) => harakiri_count)],
  ];
}

/** A worker as it is told: what it has counted, and what it did since the last time. */
interface Told {
  readonly worker: WorkerStats;
  /** Undefined where none is to be sent. */
  readonly average: number | undefined;
  readonly busyness: number;
}

interface Since {
  readonly seconds: number;
  readonly idleAverage: CarbonNames['idleAverage'];
}

function describe(worker: WorkerStats, last: WorkerStats | undefined, { seconds, idleAverage }: Since): Told {
  const isIdle = last?.requests === worker.requests;
  const idle = { last: worker.avg_rt, zero: 0, none: undefined }[idleAverage];
  return { worker, average: isIdle ? idle : worker.avg_rt, busyness: last === undefined ? 0 : busynessOf(worker, last, seconds) };
}

function workerIn(dated: DatedDocument | undefined, id: number): WorkerStats | undefined {
  return dated?.document.workers.find((worker) => worker.id === id);
}

function rowsOf({ worker: { id, requests, tx, harakiri_count }, average, busyness }: Told): readonly Row[] {
  const rows: readonly Row[] = [
    ['requests', requests],
    ...(average === undefined ? [] : ([['avg_rt', average]] as const)),
    ['tx', tx],
    ['busyness', busyness],
    ['harakiri', harakiri_count],
  ];
  return rows.map(([name, value]) => [`worker${id}.${name}`, value]);
}

/** The share of the time in which it ran requests, in percent, over all of its threads. */
function busynessOf(worker: WorkerStats, last: WorkerStats, seconds: number): number {
  const available = seconds * worker.cores.length * 1e6;
  if (available <= 0) return 0;
  return Math.min(100, Math.max(0, Math.round((100 * (worker.running_time - last.running_time)) / available)));
}

function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : Math.floor(numbers.reduce((sum, number) => sum + number, 0) / numbers.length);
}
