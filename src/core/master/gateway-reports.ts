import { GatewayError } from '../errors/workers.ts';
import type { GatewayFigures, GatewayReport, Holdup, QueueState, Shortage, SiteQueue } from '../plan/gateway-plan.ts';
import type { NamedApplication } from '../plan/named-application.ts';
import { addFigures, NO_FIGURES } from './gateway-figures.ts';

/** What a gateway has said so far, as something to wait for. */
export class GatewayReports {
  /** Settled when it listens, or cannot. */
  readonly ready: Promise<void>;
  /** Settled when it has stopped. */
  readonly stopped: Promise<void>;
  #alive: { readonly answered: Promise<void>; readonly answer: () => void } | undefined;
  readonly #opening = new Map<string, () => void>();
  #queues: readonly SiteQueue[] = [];
  #figures = NO_FIGURES;
  /** Of the processes before this one. */
  #past = NO_FIGURES;
  /** The sites for which it was told to watch and has not knocked since. */
  readonly watched = new Set<string>();
  onKnock: (site: string) => void = () => undefined;
  onWanted: (application: NamedApplication) => void = () => undefined;
  onShort: (shortage: Shortage) => void = () => undefined;
  onHeldUp: (holdup: Holdup) => void = () => undefined;
  #markReady: () => void = () => undefined;
  #markFailed: (error: Error) => void = () => undefined;
  #markStopped: () => void = () => undefined;

  constructor() {
    this.ready = new Promise((resolve, reject) => {
      this.#markReady = resolve;
      this.#markFailed = reject;
    });
    this.stopped = new Promise((resolve) => {
      this.#markStopped = resolve;
    });
  }

  /** What waits for a site, or for all of them. */
  queue(site?: string): QueueState {
    const meant = site === undefined ? this.#queues : this.#queues.filter((queue) => queue.site === site);
    return {
      length: meant.reduce((sum, { length }) => sum + length, 0),
      ageMs: Math.max(0, ...meant.map(({ ageMs }) => ageMs)),
    };
  }

  /** What gateways have done up to a second ago, however often one had to be started again. */
  get figures(): GatewayFigures {
    return addFigures(this.#past, this.#figures);
  }

  /** Settled when it next says that it is alive. */
  get alive(): Promise<void> {
    this.#alive ??= waiting();
    return this.#alive.answered;
  }

  /** Settled when it has said that it listens on the address of this name. */
  opened(name: string): Promise<void> {
    return new Promise((resolve) => this.#opening.set(name, resolve));
  }

  /** Its process has ended: nobody waits there, and what it was to open it does not open any more. */
  end(): void {
    this.#queues = [];
    this.#past = { ...this.figures, connections: 0 };
    this.#figures = NO_FIGURES;
    for (const name of [...this.#opening.keys()]) this.#open(name);
  }

  hear(report: GatewayReport): void {
    switch (report.type) {
      case 'ready':
        return this.#markReady();
      case 'failed':
        return this.#markFailed(new GatewayError(report.message));
      case 'queues':
        this.#queues = report.queues;
        return;
      case 'figures':
        this.#figures = report.figures;
        return;
      case 'opened':
        return this.#open(report.name);
      case 'alive':
        this.#alive?.answer();
        this.#alive = undefined;
        return;
      case 'knock':
        this.watched.delete(report.site);
        return this.onKnock(report.site);
      case 'wanted':
        return this.onWanted(report.application);
      case 'short':
        return this.onShort(report);
      case 'held-up':
        return this.onHeldUp(report);
      case 'stopped':
        return this.#markStopped();
    }
  }

  #open(name: string): void {
    this.#opening.get(name)?.();
    this.#opening.delete(name);
  }
}

function waiting(): { answered: Promise<void>; answer: () => void } {
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  return { answered, answer };
}
