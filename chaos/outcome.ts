import type { Fault } from './faults/fault.ts';
import type { Door } from './targets/contender.ts';

/** What became of the requests during one fault. */
export interface Outcome {
  readonly fault: Fault;
  readonly served: number;
  /** What was no good answer, by kind: a status, or how the connection ended. */
  readonly bad: Readonly<Record<string, number>>;
  /** Why it could not go on after the fault. */
  readonly stuck?: string;
}

/** What a client sees of a request whose worker is killed: where somebody stands between, that one answers. */
const KILLED: Readonly<Record<Door, readonly string[]>> = {
  http: ['status 502', 'status 504'],
  uwsgi: ['empty', 'cut', 'reset'],
  nginx: ['status 502', 'status 504'],
};
/** What a client sees of the end of the process that it is connected to. */
const CUT_OFF = ['empty', 'cut', 'reset'];
/** Requests that faults send themselves beside the clients', at most: one a fault. */
const OF_FAULTS = 2;

export function losses({ bad }: Outcome): number {
  return Object.values(bad).reduce((total, count) => total + count, 0);
}

/** Whether nothing was lost that could be saved, and everything goes on. */
export function isFine(outcome: Outcome, door: Door, clients: number): boolean {
  const { bad, stuck, fault } = outcome;
  const killed = countOf(bad, KILLED[door]);
  const cut = door === 'http' ? countOf(bad, CUT_OFF) : 0;
  const mayKill = (fault.kills ?? 0) * (fault.threads ?? 1);
  const mayCut = fault.cutsClients ? clients + OF_FAULTS : 0;
  return stuck === undefined && killed <= mayKill && cut <= mayCut && losses(outcome) === killed + cut;
}

function countOf(bad: Outcome['bad'], kinds: readonly string[]): number {
  return kinds.reduce((sum, kind) => sum + (bad[kind] ?? 0), 0);
}
