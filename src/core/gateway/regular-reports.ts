import type { GatewayReport } from '../plan/gateway-plan.ts';
import type { Counters } from './counters.ts';
import type { Dispatchers } from './dispatchers.ts';

/** The queues and what was done are told at most so often. */
const REPORT_MS = 1000;

/** What there is to tell of. */
export interface ReportSources {
  readonly counters: Pick<Counters, 'tell'>;
  readonly dispatchers: Pick<Dispatchers, 'queuesAt'>;
  readonly connections: { readonly size: number };
}

/** What the master hears of requests as time goes by, where it has changed: at once after a while in which nothing had. */
export class RegularReports {
  readonly #sources: ReportSources;
  readonly #report: (report: GatewayReport) => void;
  #areQueuesEmpty = true;
  #connections = 0;
  #toldAt = -Infinity;

  constructor(sources: ReportSources, report: (report: GatewayReport) => void) {
    this.#sources = sources;
    this.#report = report;
  }

  /** Tells what is new, if it is time to. */
  tell(now: number): void {
    if (now - this.#toldAt < REPORT_MS) return;
    const reports = [...this.#newFigures(), ...this.#newQueues(now)];
    if (reports.length > 0) this.#toldAt = now;
    for (const report of reports) this.#report(report);
  }

  #newFigures(): GatewayReport[] {
    const connections = this.#sources.connections.size;
    const figures = this.#sources.counters.tell(connections !== this.#connections);
    this.#connections = connections;
    return figures ? [{ type: 'figures', figures: { ...figures, connections } }] : [];
  }

  /** Their ages change all the time; that they are empty is told once. */
  #newQueues(now: number): GatewayReport[] {
    const queues = this.#sources.dispatchers.queuesAt(now);
    const areEmpty = queues.every(({ length }) => length === 0);
    if (areEmpty && this.#areQueuesEmpty) return [];
    this.#areQueuesEmpty = areEmpty;
    return [{ type: 'queues', queues }];
  }
}
