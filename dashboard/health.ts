/** Whether the server is well, in words: what an operator wants to know before anything else. */
import type { StatsDocument } from '../src/core/stats/document.ts';
import { formatAge, formatMicros, formatRate, plural } from './format.ts';

/** `watch` may get worse by itself; `bad` is felt by clients now. */
export type Level = 'well' | 'watch' | 'bad';

export interface Finding {
  readonly level: Exclude<Level, 'well'>;
  readonly text: string;
}

export interface Health {
  readonly level: Level;
  /** In one word or two: `serving`, `paused`, `no worker`. */
  readonly state: string;
  /** The worst first. */
  readonly findings: readonly Finding[];
}

/** Rates of the last seconds, and what the last minute brought. */
export interface Lately {
  readonly requests: number | null;
  readonly errors: number | null;
  /** Counted since a minute ago, or since the page was opened. */
  readonly failed: number;
  readonly harakiris: number;
  readonly deaths: number;
}

const ERROR_SHARE_BAD = 0.05;
const QUEUE_SHARE_BAD = 0.8;
const QUEUE_AGE_WATCH_MS = 500;
const QUEUE_AGE_BAD_MS = 5000;
/** A reload that failed is news for so long. */
const RELOAD_NEWS_SECONDS = 3600;

/** @param now seconds since the epoch, by the server's clock */
export function judge(document: StatsDocument, lately: Lately, now: number): Health {
  const { state } = document;
  const findings = [
    ...judgeState(document),
    ...judgeErrors(lately),
    ...judgeQueue(document),
    ...judgeWorkers(document, lately),
    ...judgeReloads(document, now),
    ...judgeLog(document),
  ];
  return { level: worst(findings), state, findings: findings.sort((one, other) => rank(other.level) - rank(one.level)) };
}

function judgeState({ workers, state }: StatsDocument): readonly Finding[] {
  if (state !== 'serving') return [{ level: 'bad', text: `The server is ${state}.` }];
  const alive = workers.filter(({ pid }) => pid > 0);
  if (alive.length === 0) return [{ level: 'watch', text: 'No worker runs: the next request has to wait until one is started.' }];
  return alive.every(({ accepting }) => accepting === 0) ? [{ level: 'bad', text: 'No worker takes requests.' }] : [];
}

function judgeErrors({ requests, errors, failed }: Lately): readonly Finding[] {
  if (errors === null || errors === 0)
    return failed === 0 ? [] : [{ level: 'watch', text: `${plural(failed, 'error')} in the last minute.` }];
  const share = requests === null || requests === 0 ? 1 : Math.min(1, errors / requests);
  const text = `${formatRate(errors)} errors a second: ${share < 0.01 ? 'fewer than 1' : Math.round(share * 100)} % of all requests.`;
  return [{ level: share >= ERROR_SHARE_BAD ? 'bad' : 'watch', text }];
}

function judgeQueue({ sockets }: StatsDocument): readonly Finding[] {
  // One queue stands behind all sockets of the gateway.
  const fullest = sockets.reduce((most, socket) => (socket.queue > (most?.queue ?? 0) ? socket : most), sockets[0]);
  if (fullest === undefined || fullest.queue === 0) return [];
  const { queue, queue_limit: limit = Infinity, queue_age_ms: age = 0 } = fullest;
  const isBad = queue >= limit * QUEUE_SHARE_BAD || age >= QUEUE_AGE_BAD_MS;
  if (!isBad && age < QUEUE_AGE_WATCH_MS) return [];
  const verb = queue === 1 ? 'waits' : 'wait';
  return [{ level: isBad ? 'bad' : 'watch', text: `${plural(queue, 'request')} ${verb}, the oldest for ${formatMicros(age * 1000)}.` }];
}

function judgeWorkers({ workers }: StatsDocument, { harakiris, deaths }: Lately): readonly Finding[] {
  const findings: Finding[] = [];
  const cores = workers.filter(({ pid }) => pid > 0).flatMap((worker) => worker.cores);
  if (cores.length > 0 && cores.every((core) => core.in_request === 1)) {
    findings.push({ level: 'watch', text: cores.length === 1 ? 'The only slot is busy.' : `All ${cores.length} slots are busy.` });
  }
  if (harakiris > 0) findings.push({ level: 'watch', text: `${plural(harakiris, 'request')} ended by harakiri in the last minute.` });
  if (deaths > 0) findings.push({ level: 'watch', text: `${plural(deaths, 'worker')} died in the last minute.` });
  return findings;
}

function judgeReloads({ reloads }: StatsDocument, now: number): readonly Finding[] {
  const { last } = reloads;
  if (last === undefined || last.ok || now - last.at > RELOAD_NEWS_SECONDS) return [];
  const text = `The reload ${formatAge(now - last.at)} ago failed, the old code serves on: ${last.error}`;
  return [{ level: 'watch', text }];
}

function judgeLog({ log }: StatsDocument): readonly Finding[] {
  return log === undefined || log.dropped === 0 ? [] : [{ level: 'watch', text: `${plural(log.dropped, 'log line')} dropped.` }];
}

function worst(findings: readonly Finding[]): Level {
  if (findings.some(({ level }) => level === 'bad')) return 'bad';
  return findings.length > 0 ? 'watch' : 'well';
}

function rank(level: Finding['level']): number {
  return level === 'bad' ? 1 : 0;
}
