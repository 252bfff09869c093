import type { CoreStats, StatsDocument, WorkerStats } from '../src/core/stats/document.ts';

/** A request that an application works on. */
export interface RunningRequest {
  readonly worker: number;
  readonly core: number;
  readonly ageMs: number;
  readonly method: string;
  readonly uri: string;
  readonly application: string;
  /** Who asks, and with how much: NAME=VALUE. */
  readonly vars: readonly string[];
}

/** How long a request has run, as its colour tells it. */
export type Age = 'new' | 'long' | 'old';

const LONG_MS = 1000;
const OLD_MS = 10_000;

export function ageOf(ageMs: number): Age {
  if (ageMs < LONG_MS) return 'new';
  return ageMs < OLD_MS ? 'long' : 'old';
}

/** Of its variables, what helps to know who asks. */
const TOLD = ['REMOTE_ADDR', 'REMOTE_USER', 'HTTP_HOST', 'HTTP_USER_AGENT', 'HTTP_REFERER', 'CONTENT_LENGTH'];

/** All of them, the oldest first. */
export function runningRequests({ workers }: Pick<StatsDocument, 'workers'>): readonly RunningRequest[] {
  return workers
    .flatMap((worker) => worker.cores.filter((core) => core.in_request === 1).map((core) => describe(worker, core)))
    .sort((one, other) => other.ageMs - one.ageMs);
}

function describe(worker: WorkerStats, { id, vars, req_info: info }: CoreStats): RunningRequest {
  return {
    worker: worker.id,
    core: id,
    ageMs: info.age_ms ?? 0,
    method: valueOf(vars, 'REQUEST_METHOD'),
    uri: valueOf(vars, 'REQUEST_URI'),
    application: worker.apps[0]?.mountpoint ?? '',
    vars: TOLD.map((name) => [name, valueOf(vars, name)] as const).flatMap(([name, value]) => (value === '' ? [] : [`${name}=${value}`])),
  };
}

function valueOf(vars: readonly string[], name: string): string {
  return vars.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}
