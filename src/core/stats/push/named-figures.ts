/** The statistics as single figures under uWSGI's names (its metrics): `worker.1.core.0.requests`. */
import type { CoreStats, StatsDocument, WorkerStats } from '../document.ts';

export interface NamedFigure {
  /** What it is of: `[['worker', '1'], ['core', '0']]`; empty for the whole server. */
  readonly of: readonly (readonly [kind: string, which: string])[];
  readonly name: string;
  /** A counter only grows, as long as its worker does not begin anew. */
  readonly type: 'counter' | 'gauge';
  readonly value: number;
}

/** uWSGI's name of it. */
export function fullName({ of, name }: NamedFigure): string {
  return [...of.flat(), name].join('.');
}

export function namedFigures(document: StatsDocument): readonly NamedFigure[] {
  return [...ofServer(document), ...document.workers.flatMap(ofWorker), ...ofSockets(document), ...ofMetrics(document)];
}

type Row = readonly [name: string, type: NamedFigure['type'], value: number];

function figures(of: NamedFigure['of'], rows: readonly Row[]): readonly NamedFigure[] {
  return rows.map(([name, type, value]) => ({ of, name, type, value }));
}

function ofServer({ workers, listen_queue, latency, gateway }: StatsDocument): readonly NamedFigure[] {
  const running = workers.filter(({ pid }) => pid > 0);
  const sum = (value: (worker: WorkerStats) => number): number => workers.reduce((total, worker) => total + value(worker), 0);
  const times = running.map(({ avg_rt }) => avg_rt).filter((time) => time > 0);
  return figures(
    [],
    [
      ['core.busy_workers', 'gauge', running.filter(({ status }) => status === 'busy').length],
      ['core.idle_workers', 'gauge', running.filter(({ status }) => status === 'idle').length],
      ['core.total_tx', 'counter', sum(({ tx }) => tx)],
      ['core.total_rss', 'gauge', sum(({ rss }) => rss)],
      ['core.total_vsz', 'gauge', sum(({ vsz }) => vsz)],
      ['core.avg_response_time', 'gauge', times.length === 0 ? 0 : Math.round(times.reduce((a, b) => a + b, 0) / times.length)],
      ['core.total_running_time', 'counter', sum(({ running_time }) => running_time)],
      // uWSGI has of this worker 0, which stands for all of them, the requests alone.
      ['worker.0.requests', 'counter', sum(({ requests }) => requests)],
      // Ours.
      ['core.queue', 'gauge', listen_queue],
      ...percentiles(latency),
      ...(gateway === undefined ? [] : ([['core.connections', 'gauge', gateway.connections]] as const)),
    ],
  );
}

function percentiles({ p50, p90, p99 }: StatsDocument['latency']): readonly Row[] {
  return [
    ['core.response_time_p50', 'gauge', p50],
    ['core.response_time_p90', 'gauge', p90],
    ['core.response_time_p99', 'gauge', p99],
  ];
}

function ofWorker(worker: WorkerStats): readonly NamedFigure[] {
  const of = [['worker', String(worker.id)]] as const;
  return [
    ...figures(of, [
      ['requests', 'counter', worker.requests],
      ['delta_requests', 'counter', worker.delta_requests],
      ['failed_requests', 'counter', worker.exceptions],
      ['harakiris', 'counter', worker.harakiri_count],
      ['respawns', 'counter', worker.respawn_count],
      ['avg_response_time', 'gauge', worker.avg_rt],
      ['total_tx', 'counter', worker.tx],
      ['rss_size', 'gauge', worker.rss],
      ['vsz_size', 'gauge', worker.vsz],
      ['running_time', 'counter', worker.running_time],
    ]),
    ...worker.cores.flatMap((core) => ofCore(core, of)),
  ];
}

function ofCore(core: CoreStats, worker: NamedFigure['of']): readonly NamedFigure[] {
  return figures(
    [...worker, ['core', String(core.id)]],
    [
      ['requests', 'counter', core.requests],
      ['write_errors', 'counter', core.write_errors],
      ['read_errors', 'counter', core.read_errors],
    ],
  );
}

function ofSockets({ sockets }: StatsDocument): readonly NamedFigure[] {
  return sockets.flatMap(({ queue }, index) => figures([['socket', String(index)]], [['listen_queue', 'gauge', queue]]));
}

function ofMetrics({ metrics = {} }: StatsDocument): readonly NamedFigure[] {
  return Object.entries(metrics).map(([name, { type, value }]) => ({ of: [], name, type: type === 0 ? 'counter' : 'gauge', value }));
}
