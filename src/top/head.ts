/** The lines above the tables: how the server is as a whole. */
import type { AnyStatsDocument } from '../core/stats/document.ts';
import { cellsOf, fromClient, harmless } from './cells.ts';
import { type Change, changeBetween } from './change.ts';
import { type Line, sideBySide, type Span, span, type Style } from './line.ts';
import type { Sample } from './sample.ts';
import { sparkline } from './sparkline.ts';
import { count, duration, rate, size } from './units.ts';
import type { Watched } from './watched.ts';
import { requestsOf } from './worker-rows.ts';

/** Where the statistics come from, as the user named it, and how wide lines may be. */
export interface HeadSettings {
  readonly source: string;
  readonly cells: number;
}

/** What has been seen, once there is something. */
export type Seen = Watched & { readonly now: Sample };

export function headLines(seen: Seen, { source, cells }: HeadSettings): readonly Line[] {
  const { now, before, gone } = seen;
  const { document } = now;
  const change = changeBetween(now, before);
  return [
    sideBySide(identity(now, { source, isGone: gone !== undefined }), cells),
    sideBySide(present(document, change), cells),
    sideBySide(totals(document, change), cells),
    ...chart(seen.throughput, cells),
    ...notes(seen).map((note) => sideBySide([note], cells)),
  ];
}

function identity({ document, epoch }: Sample, { source, isGone }: { source: string; isGone: boolean }): readonly Line[] {
  const { state, started_at: startedAt } = document;
  return [
    [span(`${state === undefined ? 'uwsgi' : 'tsuwsgi'} ${harmless(document.version)}`, 'strong')],
    isGone ? [span('GONE', 'bad')] : known(state, (text) => [span(harmless(text), text === 'serving' ? 'good' : 'warning')]),
    [span(new Date(epoch * 1000).toTimeString().slice(0, '00:00:00'.length))],
    known(startedAt, (since) => [span(`up ${duration((epoch - since) * 1e6)}`)]),
    [span(`pid ${document.pid}`)],
    source === '' ? [] : [span(harmless(source))],
    [span(harmless(document.cwd), 'faint')],
  ];
}

/** The first of these are there in any case. */
function present(document: AnyStatsDocument, change: Change): readonly Line[] {
  const { requests, bytes: sent } = change.total;
  return [
    known(requests, (value) => [span(`${rate(value)} req/s`, 'strong')]),
    busy(document),
    queue(document),
    times(document, change),
    known(sent, (value) => [span(`${bytes(value)}/s`)]),
  ];
}

function busy({ workers }: AnyStatsDocument): Line {
  const cores = workers.flatMap((worker) => worker.cores);
  const running = cores.filter(({ in_request: inRequest }) => inRequest === 1).length;
  if (cores.length === 0) return [span(`busy ${workers.filter(({ status }) => status === 'busy').length}/${workers.length}`)];
  return [span(`busy ${running}/${cores.length}`, running === cores.length ? 'warning' : undefined)];
}

/** How many wait, and how long the oldest has. */
function queue({ listen_queue: waiting, sockets }: AnyStatsDocument): Line {
  const ages = sockets.map(({ queue_age_ms: age }) => age ?? 0);
  const oldest = Math.max(0, ...ages);
  return [span(`queue ${count(waiting)}${oldest > 0 ? ` (${duration(oldest * 1000)})` : ''}`, waiting > 0 ? 'warning' : undefined)];
}

/** Percentiles of the last minute; from a server that does not tell them, the mean of the interval. */
function times({ latency }: AnyStatsDocument, { averageUs }: Change): Line {
  if (latency === undefined) return known(averageUs, (us) => [span(`avg ${duration(us)}`)]);
  return latency.requests === 0 ? [] : [span(percentiles(latency))];
}

function percentiles({ p50, p90, p99 }: NonNullable<AnyStatsDocument['latency']>): string {
  return `p50 ${duration(p50)} p90 ${duration(p90)} p99 ${duration(p99)}`;
}

function totals(document: AnyStatsDocument, { total: { failures = 0 } }: Change): readonly Line[] {
  const { workers } = document;
  const sum = (figure: (worker: AnyStatsDocument['workers'][number]) => number) =>
    workers.reduce((total, worker) => total + figure(worker), 0);
  const exceptions = sum((worker) => worker.exceptions);
  const harakiris = sum((worker) => worker.harakiri_count);
  const memory = sum(({ rss }) => rss) + (document.gateway?.rss ?? 0);
  return [
    [span(plural(workers.length, 'worker'))],
    [span(plural(requestsOf(document), 'request'))],
    [span(`${bytes(sum(({ tx }) => tx))} sent`)],
    [span(plural(exceptions, 'exception'), exceptions > 0 ? 'warning' : undefined)],
    [span(plural(harakiris, 'harakiri'), harakiris > 0 ? 'bad' : undefined)],
    failures === 0 ? [] : [span(`5xx ${rate(failures)}/s`, 'bad')],
    memory === 0 ? [] : [span(`${bytes(memory)} memory`)],
  ];
}

function plural(value: number, what: string): string {
  return `${count(value)} ${what}${value === 1 ? '' : 's'}`;
}

/** With their unit, where no title tells it. */
function bytes(value: number): string {
  return `${size(value)}B`;
}

/** A single value is no chart. */
function chart(values: readonly number[], cells: number): readonly Line[] {
  if (values.length < 2) return [];
  const room = cells - cellsOf(chartLabel(0)) - 4;
  return [[span(' '), span(sparkline(values, room), 'accent'), span(`  ${chartLabel(Math.max(...values.slice(-room)))}`, 'faint')]];
}

function chartLabel(highest: number): string {
  return `max ${rate(highest)} req/s`.padEnd('max 99999 req/s'.length);
}

/** Reasons to replace a worker that somebody has given on purpose. */
const AS_ASKED = ['reload', 'asked', 'max-requests', 'lifetime'];

/** What somebody should look at. */
function notes({ now: { document, epoch }, gone }: Seen): readonly Line[] {
  const { reloads, restarts = {}, log } = document;
  const last = reloads?.last;
  const deaths = Object.entries<number>(restarts).filter(([reason, times]) => times > 0 && !AS_ASKED.includes(reason));
  const since = (at: number) => duration(Math.max(0, epoch - at) * 1e6);
  return [
    gone === undefined ? [] : [note(`${gone}; trying again`, 'bad')],
    last === undefined || last.ok ? [] : [note(`the last reload failed ${since(last.at)} ago: ${last.error}`, 'bad')],
    deaths.length === 0
      ? []
      : [note(`workers replaced: ${deaths.map(([reason, times]) => `${count(times)} ${reason}`).join(', ')}`, 'warning')],
    log === undefined || log.dropped === 0 ? [] : [note(`${plural(log.dropped, 'line')} of the log lost`, 'warning')],
  ].filter((line) => line.length > 0);
}

/** Errors of an application are what it likes to say. */
function note(text: string, style: Style): Span {
  return span(fromClient(text), style);
}

function known<Value>(value: Value | undefined, draw: (value: Value) => Line): Line {
  return value === undefined ? [] : draw(value);
}
