/** The statistics as Prometheus wants them: base units, names with the unit at the end, sums over what it can add up itself left out. */
import { type Distributions, METHODS, SIZE_BOUNDS, STATUS_CLASSES, TIME_BOUNDS } from '../distributions.ts';
import type { StatsDocument, WorkerStats } from '../document.ts';
import type { Family, HistogramSample, Labels, Sample } from './family.ts';

/** What the metrics are made of. */
export interface MetricsSources {
  readonly document: StatsDocument;
  /** What the requests of each site were like, all of its workers together. */
  readonly applications: readonly ApplicationCounts[];
  /** Undefined where there is no gateway. */
  readonly queue?: QueueCounts | undefined;
}

/** How long requests waited in the gateway since the start. */
export interface QueueCounts {
  /** How many of them are in each class of `TIME_BOUNDS`. */
  readonly waiting: readonly number[];
  readonly waitedUs: number;
}

export interface ApplicationCounts {
  readonly mountpoint: string;
  readonly distributions: Distributions;
  readonly runningTimeUs: number;
  readonly bytesSent: number;
  readonly exceptions: number;
}

const WORKER_STATES = ['idle', 'busy', 'pause', 'cheap'] as const;
/** Every fourth of the times' bounds, from a quarter of a millisecond to a minute: finer ones are for percentiles. */
const SHOWN_TIMES = TIME_BOUNDS.filter((bound, index) => index % 4 === 0 && bound >= 256 && bound <= 2 ** 26);
const MICROSECONDS = 1e6;

export function metricFamilies(sources: MetricsSources): readonly Family[] {
  return [...ofRequests(sources), ...ofWaiting(sources), ...ofWorkers(sources.document), ...ofServer(sources.document)];
}

function ofRequests({ applications }: MetricsSources): readonly Family[] {
  const each = (value: (counts: ApplicationCounts) => number): Sample[] =>
    applications.map((counts) => ({ labels: labelsOf(counts.mountpoint), value: value(counts) }));
  const histograms = (sample: (counts: ApplicationCounts) => Omit<HistogramSample, 'labels'>): HistogramSample[] =>
    applications.map((counts) => ({ labels: labelsOf(counts.mountpoint), ...sample(counts) }));
  return [
    counter('requests', 'Requests that applications answered, by method and class of status.', applications.flatMap(responsesOf)),
    counter(
      'exceptions',
      'Requests whose application raised an exception.',
      each(({ exceptions }) => exceptions),
    ),
    counter(
      'sent_bytes',
      'Bytes of responses, heads included.',
      each(({ bytesSent }) => bytesSent),
    ),
    histogram(
      'request_duration_seconds',
      'How long applications took for requests, with sending.',
      histograms(({ distributions, runningTimeUs }) => durations([...distributions.times], runningTimeUs)),
    ),
    histogram(
      'request_size_bytes',
      'Sizes of the bodies of requests.',
      histograms(({ distributions }) => sizes(distributions.requestSizes, distributions.requestBytes)),
    ),
    histogram(
      'response_size_bytes',
      'Sizes of the bodies of responses.',
      histograms(({ distributions }) => sizes(distributions.responseSizes, distributions.responseBytes)),
    ),
  ];
}

function responsesOf({ mountpoint, distributions }: ApplicationCounts): Sample[] {
  return METHODS.flatMap((method) =>
    STATUS_CLASSES.map((status) => ({
      labels: { ...labelsOf(mountpoint), method, status },
      value: distributions.responses(method, status),
    })),
  ).filter(({ value }) => value > 0);
}

function ofWaiting({ queue }: MetricsSources): readonly Family[] {
  if (queue === undefined) return [];
  const sample = { labels: {}, ...durations(queue.waiting, queue.waitedUs) };
  return [histogram('queue_duration_seconds', 'How long requests waited in the gateway until they were sent to a worker.', [sample])];
}

/** @param counts in the classes of `TIME_BOUNDS` */
function durations(counts: readonly number[], sumUs: number): Omit<HistogramSample, 'labels'> {
  return {
    bounds: SHOWN_TIMES.map((bound) => bound / MICROSECONDS),
    counts: merged(counts, TIME_BOUNDS, SHOWN_TIMES),
    sum: sumUs / MICROSECONDS,
  };
}

function sizes(counts: Float64Array, sum: number): Omit<HistogramSample, 'labels'> {
  return { bounds: SIZE_BOUNDS, counts: [...counts], sum };
}

/** The counts of finer classes in those whose bounds are some of theirs. */
function merged(counts: readonly number[], fine: readonly number[], coarse: readonly number[]): readonly number[] {
  const result = Array.from({ length: coarse.length + 1 }, () => 0);
  for (const [index, count] of counts.entries()) {
    const bound = fine[index] ?? Infinity;
    const place = coarse.findIndex((limit) => bound <= limit);
    const target = place === -1 ? coarse.length : place;
    result[target] = (result[target] ?? 0) + count;
  }
  return result;
}

function ofWorkers({ workers }: StatsDocument): readonly Family[] {
  const running = workers.filter(({ pid }) => pid > 0);
  const each = (value: (worker: WorkerStats) => number): Sample[] =>
    running.map((worker) => ({ labels: { ...labelsOf(mountpointOf(worker)), worker: String(worker.id) }, value: value(worker) }));
  const states = [...new Set(workers.map(mountpointOf))].flatMap((mountpoint) => {
    const own = workers.filter((worker) => mountpointOf(worker) === mountpoint);
    return WORKER_STATES.map((state) => ({
      labels: { ...labelsOf(mountpoint), state },
      value: own.filter(({ status }) => status === state).length,
    }));
  });
  return [
    gauge('workers', 'Workers by what they do.', states),
    gauge(
      'worker_threads',
      'Threads of a worker.',
      each(({ cores }) => cores.length),
    ),
    gauge('worker_busy_threads', 'Threads of a worker that run a request.', each(busyCores)),
    gauge(
      'worker_resident_memory_bytes',
      'Memory of a worker.',
      each(({ rss }) => rss),
    ),
    gauge(
      'worker_virtual_memory_bytes',
      'Address space of a worker.',
      each(({ vsz }) => vsz),
    ),
    counter(
      'harakiris',
      'Requests that ran longer than harakiri allows.',
      each(({ harakiri_count }) => harakiri_count),
    ),
    counter(
      'worker_starts',
      'Processes that have held the id of a worker.',
      each(({ respawn_count }) => respawn_count),
    ),
  ];
}

function ofServer(document: StatsDocument): readonly Family[] {
  const { version, started_at, restarts, reloads, sockets, caches = [], log } = document;
  const one = (value: number | undefined, labels: Labels = {}): Sample[] => (value === undefined ? [] : [{ labels, value }]);
  const byCache = (value: (cache: (typeof caches)[number]) => number): Sample[] =>
    caches.map((cache) => ({ labels: { cache: cache.name }, value: value(cache) }));
  const families: Family[] = [
    gauge('build_info', 'Always 1; the version of the server.', one(1, { version })),
    gauge('start_time_seconds', 'When the server was started, in seconds since 1970.', one(started_at)),
    counter(
      'worker_restarts',
      'Workers that were replaced, by why.',
      Object.entries(restarts).map(([reason, value]) => ({ labels: { reason }, value })),
    ),
    counter('reloads', 'Reloads, by what came of them.', [
      ...one(reloads.done, { result: 'done' }),
      ...one(reloads.failed, { result: 'failed' }),
    ]),
    gauge('last_reload_successful', 'Whether the last reload succeeded.', one(reloads.last && Number(reloads.last.ok))),
    gauge(
      'socket_queue_length',
      'Requests that wait at an address.',
      sockets.map(({ name, proto, queue }) => ({ labels: { socket: name, protocol: proto }, value: queue })),
    ),
    counter('log_lines_dropped', 'Lines that the log did not take.', one(log?.dropped)),
    gauge(
      'cache_items',
      'Items in a cache.',
      byCache(({ items }) => items),
    ),
    counter(
      'cache_hits',
      'Items that were asked for and there.',
      byCache(({ hits }) => hits),
    ),
    counter(
      'cache_misses',
      'Items that were asked for and not there.',
      byCache(({ miss }) => miss),
    ),
    counter(
      'cache_full',
      'Items for which a cache had no room.',
      byCache(({ full }) => full),
    ),
    ...ofQueues(document),
    ...ofGateway(document),
    ...ofMetrics(document),
  ];
  return families.filter(({ samples }) => samples.length > 0);
}

function ofQueues({ applications }: StatsDocument): readonly Family[] {
  return [
    gauge(
      'queue_length',
      'Requests that wait for a worker.',
      applications.map(({ mountpoint, queue }) => ({ labels: labelsOf(mountpoint), value: queue })),
    ),
    gauge(
      'queue_age_seconds',
      'How long the oldest of them has waited.',
      applications.map(({ mountpoint, queue_age_ms }) => ({ labels: labelsOf(mountpoint), value: queue_age_ms / 1000 })),
    ),
  ];
}

function ofGateway({ gateway }: StatsDocument): readonly Family[] {
  if (gateway === undefined) return [];
  const { connections, static_requests, routed_requests, other_requests, offloaded_requests, refused, rss, vsz, tx } = gateway;
  const kinds = Object.entries({ static: static_requests, routed: routed_requests, other: other_requests });
  return [
    gauge('gateway_connections', 'Clients that are connected.', [{ labels: {}, value: connections }]),
    counter(
      'gateway_responses',
      'Answers that no application gave, by kind.',
      kinds.map(([kind, value]) => ({ labels: { kind }, value })),
    ),
    counter('gateway_refused', 'Requests for which the queue had no room, or that waited there too long.', [
      { labels: {}, value: refused },
    ]),
    counter('gateway_offloaded_files', 'Files that applications named and the gateway sent.', [{ labels: {}, value: offloaded_requests }]),
    counter('gateway_sent_bytes', 'Bytes of answers that no application gave.', [{ labels: {}, value: tx }]),
    gauge('gateway_resident_memory_bytes', 'Memory of the gateway.', [{ labels: {}, value: rss }]),
    gauge('gateway_virtual_memory_bytes', 'Address space of the gateway.', [{ labels: {}, value: vsz }]),
  ];
}

/** Those of the application's own (`metric`, `uwsgi.metric_inc`): one family, since their names may be anything. */
function ofMetrics({ metrics = {} }: StatsDocument): readonly Family[] {
  const samples = Object.entries(metrics).map(([name, { value }]) => ({ labels: { name }, value }));
  return [gauge('metric', 'Metrics of the module uwsgi, by name.', samples)];
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name: `tsuwsgi_${name}_total`, help, type: 'counter', samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name: `tsuwsgi_${name}`, help, type: 'gauge', samples };
}

function histogram(name: string, help: string, samples: readonly HistogramSample[]): Family {
  return { name: `tsuwsgi_${name}`, help, type: 'histogram', samples };
}

function labelsOf(mountpoint: string): Labels {
  return { application: mountpoint === '' ? '/' : mountpoint };
}

function mountpointOf({ apps }: WorkerStats): string {
  return apps[0]?.mountpoint ?? '';
}

function busyCores({ cores }: WorkerStats): number {
  return cores.filter(({ in_request }) => in_request === 1).length;
}
