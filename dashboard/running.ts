import type { CoreStats, StatsDocument, WorkerStats } from '../src/core/stats/document.ts';

/** A request that an application works on. */
export interface RunningRequest {
  readonly worker: number;
  readonly core: number;
  readonly ageMs: number;
  readonly method: string;
  readonly uri: string;
  readonly application: string;
  /** What else is known of it. */
  readonly vars: readonly string[];
}

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
    vars: vars.filter((text) => text !== '' && !/^REQUEST_(METHOD|URI)=/.test(text)),
  };
}

function valueOf(vars: readonly string[], name: string): string {
  return vars.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}
