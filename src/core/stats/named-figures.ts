/** The statistics as single figures under uWSGI's names (its metrics): `worker.1.core.0.requests`. */
import type { CoreStats, MetricStats, StatsDocument, WorkerStats } from './document.ts';

export interface NamedFigure {
  /** What it is of: `[['worker', '1'], ['core', '0']]`; empty for the whole server. */
  readonly of: readonly (readonly [kind: string, which: string])[];
  readonly name: string;
  /** A counter only grows, as long as its worker does not begin anew. */
  readonly type: 'counter' | 'gauge';
  readonly value: number;
  /** uWSGI's identifier of it; none for what is ours. */
  readonly oid?: string | undefined;
}

/** uWSGI's number of a type. */
const TYPES = { counter: 0, gauge: 1, absolute: 2 } as const;
/** What begins anew with each process. */
const ABSOLUTE = 'delta_requests';

/** uWSGI's name of it. */
export function fullName({ of, name }: NamedFigure): string {
  return [...of.flat(), name].join('.');
}

/**
 * All there are: what the server counts itself, and the metrics of the application.
 *
 * @param hasWorkers those of single workers, too
 */
export function namedFigures(document: StatsDocument, hasWorkers: boolean): readonly NamedFigure[] {
  const own = serverFigures(document);
  const names = new Set(own.map(fullName));
  const all = [...own, ...ofMetrics(document).filter(({ name }) => !names.has(name))];
  return hasWorkers ? all : all.filter(({ of }) => of[0]?.[0] !== 'worker');
}

/**
 * The document with what the server counts itself among its metrics, if it has any (`enable-metrics`, `metric`): what uWSGI has there, too.
 * What the application has declared under such a name stays.
 */
export function withServerMetrics(document: StatsDocument): StatsDocument {
  if (document.metrics === undefined) return document;
  const own = serverFigures(document).flatMap(asMetrics);
  return { ...document, metrics: { ...Object.fromEntries(own), ...document.metrics } };
}

function asMetrics(figure: NamedFigure): readonly (readonly [name: string, metric: MetricStats])[] {
  const { name, type, value, oid } = figure;
  if (oid === undefined) return [];
  return [[fullName(figure), { type: TYPES[name === ABSOLUTE ? 'absolute' : type], oid, value }]];
}

function serverFigures(document: StatsDocument): readonly NamedFigure[] {
  return [...ofServer(document), ...document.workers.flatMap(ofWorker), ...ofSockets(document)];
}

/** `number` is the last one of uWSGI's identifier. */
type Row = readonly [name: string, type: NamedFigure['type'], value: number, number?: number];

interface Owner {
  readonly of: NamedFigure['of'];
  /** How uWSGI's identifiers of its figures begin. */
  readonly oid: string;
}

const SERVER: Owner = { of: [], oid: '5' };

function figures({ of, oid }: Owner, rows: readonly Row[]): readonly NamedFigure[] {
  return rows.map(([name, type, value, number]) => ({ of, name, type, value, oid: number === undefined ? undefined : `${oid}.${number}` }));
}

function ofServer({ workers, listen_queue, latency, gateway }: StatsDocument): readonly NamedFigure[] {
  const running = workers.filter(({ pid }) => pid > 0);
  const sum = (value: (worker: WorkerStats) => number): number => workers.reduce((total, worker) => total + value(worker), 0);
  return [
    ...figures(SERVER, [
      ['core.busy_workers', 'gauge', running.filter(({ status }) => status === 'busy').length, 3],
      ['core.idle_workers', 'gauge', running.filter(({ status }) => status === 'idle').length, 4],
      ['core.total_tx', 'counter', sum(({ tx }) => tx), 100],
      ['core.total_rss', 'gauge', sum(({ rss }) => rss), 101],
      ['core.total_vsz', 'gauge', sum(({ vsz }) => vsz), 102],
      // As in uWSGI those that have not served count as well.
      ['core.avg_response_time', 'gauge', Math.floor(sum(({ avg_rt }) => avg_rt) / Math.max(1, workers.length)), 103],
      ['core.total_running_time', 'counter', sum(({ running_time }) => running_time), 104],
      // Ours.
      ['core.queue', 'gauge', listen_queue],
      ...percentiles(latency),
      ...(gateway === undefined ? [] : ([['core.connections', 'gauge', gateway.connections]] as const)),
    ]),
    // uWSGI has of this worker 0, which stands for all of them, the requests alone.
    ...figures({ of: [], oid: '3.0' }, [['worker.0.requests', 'counter', sum(({ requests }) => requests), 1]]),
  ];
}

function percentiles({ p50, p90, p99 }: StatsDocument['latency']): readonly Row[] {
  return [
    ['core.response_time_p50', 'gauge', p50],
    ['core.response_time_p90', 'gauge', p90],
    ['core.response_time_p99', 'gauge', p99],
  ];
}

function ofWorker(worker: WorkerStats): readonly NamedFigure[] {
  const owner: Owner = { of: [['worker', String(worker.id)]], oid: `3.${worker.id}` };
  return [
    ...figures(owner, [
      ['requests', 'counter', worker.requests, 1],
      [ABSOLUTE, 'counter', worker.delta_requests, 2],
      ['failed_requests', 'counter', worker.exceptions, 13],
      ['harakiris', 'counter', worker.harakiri_count],
      ['respawns', 'counter', worker.respawn_count, 14],
      ['avg_response_time', 'gauge', worker.avg_rt, 8],
      ['total_tx', 'counter', worker.tx, 9],
      ['rss_size', 'gauge', worker.rss, 11],
      ['vsz_size', 'gauge', worker.vsz, 12],
      // As in uWSGI the number of another one.
      ['running_time', 'counter', worker.running_time, 13],
    ]),
    ...worker.cores.flatMap((core) => ofCore(core, owner)),
  ];
}

function ofCore(core: CoreStats, { of, oid }: Owner): readonly NamedFigure[] {
  return figures({ of: [...of, ['core', String(core.id)]], oid: `${oid}.2.${core.id}` }, [
    ['requests', 'counter', core.requests, 1],
    ['write_errors', 'counter', core.write_errors, 3],
    ['read_errors', 'counter', core.read_errors, 8],
  ]);
}

function ofSockets({ sockets }: StatsDocument): readonly NamedFigure[] {
  return sockets.flatMap(({ queue }, index) =>
    figures({ of: [['socket', String(index)]], oid: `7.${index}` }, [['listen_queue', 'gauge', queue, 1]]),
  );
}

function ofMetrics({ metrics = {} }: StatsDocument): readonly NamedFigure[] {
  return Object.entries(metrics).map(([name, { type, value }]) => ({
    of: [],
    name,
    type: type === TYPES.counter ? 'counter' : 'gauge',
    value,
  }));
}
