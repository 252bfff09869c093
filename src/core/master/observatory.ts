import { LineBuffers } from '../log/line-buffers.ts';
import type { Log } from '../log/log.ts';
import type { LogFile } from '../log/log-file.ts';
import type { Plan } from '../plan/plan.ts';
import type { Sites, SitesPorts } from '../sites/sites.ts';
import { shapeDocument, type StatsDocument } from '../stats/document.ts';
import { Journal } from '../stats/journal.ts';
import { withServerMetrics } from '../stats/named-figures.ts';
import type { MetricsSources } from '../stats/prometheus/families.ts';
import type { Recent } from '../stats/recent.ts';
import { ScoreboardReader, ScoreboardWriter } from '../stats/scoreboard.ts';
import { buildDocument, type Environs } from '../stats/snapshot.ts';
import { condense } from '../stats/summary.ts';
import { Tally } from '../stats/tally.ts';
import { after } from '../util/timer.ts';
import { environsOf } from '../workers/environs.ts';
import type { Worker } from '../workers/worker.ts';
import { ApplicationMetrics } from './application-metrics.ts';
import type { Doors } from './doors.ts';
import { type PythonSettings, pythonRun } from './launching.ts';
import type { LogWriter } from './log-writer.ts';
import { countApplications } from './metrics-page.ts';
import type { Phase } from './phase.ts';
import { Records } from './records.ts';
import { remembered, rememberReport, rememberSlow } from './remembering.ts';
import type { Resources } from './resources.ts';
import type { ServerWatchesPorts } from './server-watches.ts';
import { takeSharing } from './sharing.ts';
import { takeSnapshot } from './snapshot.ts';
import type { StatsDoorPorts } from './stats-door.ts';

export interface ObservatorySettings extends PythonSettings {
  readonly version: string;
  readonly resources: Pick<Resources, 'scoreboard' | 'lineBuffers' | 'workingDirectory' | 'directory' | 'children'>;
  readonly log: Log;
  readonly logFile: Pick<LogFile, 'dropped'>;
  readonly logWriter: Pick<LogWriter, 'logRequests'>;
}

/** What is looked at, each as it is at that moment. */
export interface ObservedServer {
  plan(): Plan;
  sites(): Pick<Sites, 'all' | 'ids' | 'workers' | 'mountpointOf'>;
  doors(): Pick<Doors, 'sockets' | 'gateway'>;
  phase(): Phase;
  isPaused(): boolean;
}

/** Where the server is looked at: what its processes count, what happened lately, and all that is told of it. It changes nothing. */
export class Observatory {
  /** The server's, whose events are remembered. */
  readonly log: Log;
  readonly #settings: ObservatorySettings;
  readonly #server: ObservedServer;
  readonly #journal = new Journal();
  readonly #records = new Records();
  readonly #scoreboard: ScoreboardReader;
  readonly #scoreboardWriter: ScoreboardWriter;
  readonly #lineBuffers: LineBuffers;
  readonly #tally: Tally;
  readonly #applicationMetrics: ApplicationMetrics;

  constructor(settings: ObservatorySettings, server: ObservedServer) {
    const { resources } = settings;
    this.log = remembered(settings.log, this.#journal);
    this.#settings = settings;
    this.#server = server;
    this.#scoreboard = new ScoreboardReader(resources.scoreboard);
    this.#scoreboardWriter = new ScoreboardWriter(resources.scoreboard);
    this.#lineBuffers = new LineBuffers(resources.lineBuffers);
    this.#tally = new Tally(this.#scoreboard);
    this.#applicationMetrics = new ApplicationMetrics(() => pythonRun(server.plan(), settings), this.log);
  }

  /** Looks at the counters from time to time. Returns how to stop that. */
  keep(): () => void {
    return this.#records.keep({ tally: this.#tally, sites: this.#server.sites(), gateway: () => this.#gateway });
  }

  /** What happened lately. */
  get recent(): Recent {
    return this.#journal.recent;
  }

  /** The statistics in a few words. */
  get summary(): string {
    return condense(this.statistics());
  }

  /** The server as it is now. */
  statistics(environs: Environs = new Map()): StatsDocument {
    const { version, resources, logFile } = this.#settings;
    const { workers, gateway: gatewayPlan, sharing } = this.#server.plan();
    const gateway = this.#gateway;
    this.#scoreboard.refresh();
    const snapshot = takeSnapshot({
      version,
      directory: resources.workingDirectory.path,
      sockets: this.#server.doors().sockets,
      tally: this.#tally,
      sites: this.#server.sites(),
      records: this.#records,
      environs,
      phase: this.#server.phase(),
      gateway,
      backlog: workers.backlog,
      queue: gateway && { ...gateway.queue(), limit: gatewayPlan.queueLimit },
      isPaused: this.#server.isPaused(),
      sharing: takeSharing(sharing, resources),
      log: { dropped: logFile.dropped + this.#lineBuffers.dropped },
    });
    return withServerMetrics(buildDocument(snapshot));
  }

  /** The same, in which requests that run for long have all their variables. */
  async describe(): Promise<StatsDocument> {
    const environs = await environsOf(this.#server.sites().workers, this.#scoreboard, { now: () => performance.now(), after });
    return this.statistics(environs);
  }

  /** Carries a reload out, and remembers what became of it. Settled as the reload. */
  observeReload(reload: () => Promise<void>): Promise<void> {
    return this.#records.reloads.observe(reload);
  }

  /** What the sites tell, and what they are told of the server. */
  get ofSites() {
    return {
      scoreboard: this.#scoreboard,
      tally: this.#tally,
      seated: (worker, site) => this.#seat(worker, site),
      left: (worker) => this.#leave(worker),
      replaced: (reason) => this.#records.restarts.count(reason),
      told: (worker, report) => rememberReport(this.#journal, worker, report),
      describeWorkers: () => {
        const { workers, metrics = {} } = this.statistics();
        return { workers, metrics, queued: this.#queueLength };
      },
    } satisfies Partial<SitesPorts>;
  }

  /** What is looked at by the clock. */
  get ofWatches() {
    return {
      scoreboard: this.#scoreboard,
      tally: this.#tally,
      queueLength: () => this.#queueLength,
      statistics: () => this.statistics(),
      found: (request) => rememberSlow(this.#journal, request, this.#server.sites().mountpointOf(request.worker.id)),
    } satisfies Partial<ServerWatchesPorts>;
  }

  /** What is told to those who ask from outside. */
  get ofStatsDoor() {
    return {
      document: async () => shapeDocument(await this.describe(), this.#server.plan().statsForm),
      statistics: () => this.statistics(),
      recent: () => this.recent,
      phase: () => this.#server.phase(),
      metrics: { sources: () => this.#metricsSources(), application: this.#applicationMetrics },
    } satisfies Partial<StatsDoorPorts>;
  }

  #seat(worker: Worker, site: string): void {
    this.#scoreboardWriter.noteUsed(worker.seat + worker.threads);
    this.#scoreboardWriter.empty(worker);
    this.#lineBuffers.note(worker.seat + worker.threads);
    this.#tally.sit(worker.id, worker, site);
  }

  #leave(worker: Worker): void {
    this.#tally.leave(worker.id, worker);
    if (worker.pid !== undefined) this.#applicationMetrics.forget(worker.pid);
    for (const lines of this.#lineBuffers.takeFrom(worker)) this.#settings.logWriter.logRequests(lines);
  }

  #metricsSources(): MetricsSources {
    const queue = this.#gateway?.figures;
    return { document: this.statistics(), applications: countApplications(this.#server.sites().all, this.#tally), queue };
  }

  get #gateway(): Doors['gateway'] {
    return this.#server.doors().gateway;
  }

  /** Requests that wait in the gateway. */
  get #queueLength(): number {
    return this.#gateway?.queue().length ?? 0;
  }
}
