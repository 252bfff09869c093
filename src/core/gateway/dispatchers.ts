import type { Loan, Refusal, Shortage, SiteQueue } from '../plan/gateway-plan.ts';
import type { NamedApplication } from '../plan/named-application.ts';
import type { Destination } from './destination.ts';
import { Dispatcher, type DispatcherPlan, type DispatcherPorts } from './dispatcher.ts';
import { NamedDestination } from './named-destination.ts';

/** What all dispatchers need of those around them. */
export interface DispatchersPorts extends Pick<DispatcherPorts, 'lastStarted' | 'askBack' | 'log' | 'counters'> {
  /** Once after each `watch` of a site: a request for it waits for a slot. */
  readonly knock: (site: string) => void;
  /** The first request waits for a site of which no slot is here. */
  readonly bare: (site: string) => void;
  /** Requests name this application, of which nobody has told the master. */
  readonly wanted: (application: NamedApplication) => void;
}

/** A dispatcher for each site, with slots and a queue of its own: requests of one wait for nobody of another. */
export class Dispatchers {
  #plan: DispatcherPlan;
  readonly #ports: DispatchersPorts;
  readonly #bySite = new Map<string, Dispatcher>();
  /** The sites that requests have named, and of which the master knows. */
  readonly #told = new Set<string>();
  /** Those of which the master knows no more: their dispatchers go when nobody is there. */
  readonly #forgotten = new Set<string>();
  #isPaused = false;

  constructor(plan: DispatcherPlan, ports: DispatchersPorts) {
    this.#plan = plan;
    this.#ports = ports;
  }

  /** That of a site, which is made when it is first heard of: by a request, a slot or the master. */
  of(site: string): Dispatcher {
    const known = this.#bySite.get(site);
    if (known) return known;
    const { knock, bare } = this.#ports;
    const dispatcher = new Dispatcher(this.#plan, { ...this.#ports, knock: () => knock(site), bare: () => bare(site) });
    if (this.#isPaused) dispatcher.pause();
    this.#bySite.set(site, dispatcher);
    return dispatcher;
  }

  /** That of an application which a request names; the master hears of it when it is the first to, and is whole. */
  for(application: NamedApplication): Destination {
    return new NamedDestination(() => this.#named(application));
  }

  #named(application: NamedApplication): Dispatcher {
    const { site } = application;
    this.#forgotten.delete(site);
    if (!this.#told.has(site)) {
      this.#told.add(site);
      this.#ports.wanted(application);
    }
    return this.of(site);
  }

  /** No worker will come for those who wait for this site now. */
  refuse(refusal: Refusal): void {
    this.#bySite.get(refusal.site)?.refuseWaiting(refusal);
  }

  /** The master does not know this site any more. */
  forget(site: string): void {
    this.#told.delete(site);
    this.#forgotten.add(site);
  }

  /** Goes by this plan from now on, for the requests that wait as well. */
  follow(plan: DispatcherPlan): void {
    this.#plan = plan;
    for (const dispatcher of this.#all) dispatcher.follow(plan);
  }

  queuesAt(now: number): readonly SiteQueue[] {
    return Array.from(this.#bySite, ([site, dispatcher]) => ({ site, ...dispatcher.queueAt(now) }));
  }

  /** The sites whose slots here are not enough. */
  shortagesAt(now: number): readonly Shortage[] {
    return [...this.#bySite].flatMap(([site, dispatcher]) => {
      const shortage = dispatcher.shortageAt(now);
      return shortage === undefined ? [] : [{ site, ...shortage }];
    });
  }

  lend(loan: Loan): void {
    this.#bySite.get(loan.site)?.lend(loan);
  }

  /** From now on requests wait, whatever slots are free. */
  pause(): void {
    this.#isPaused = true;
    for (const dispatcher of this.#all) dispatcher.pause();
  }

  resume(): void {
    this.#isPaused = false;
    for (const dispatcher of this.#all) dispatcher.resume();
  }

  /** Answers for the requests whose time is up. */
  checkTime(now: number): void {
    for (const dispatcher of this.#all) dispatcher.checkTime(now);
    for (const site of this.#forgotten) this.#tidy(site);
  }

  /** Clients may make up names without end. */
  #tidy(site: string): void {
    if (this.#bySite.get(site)?.isIdle === false) return;
    this.#bySite.delete(site);
    this.#forgotten.delete(site);
  }

  /** Nobody waits for answers any more. */
  destroy(): void {
    for (const dispatcher of this.#all) dispatcher.destroy();
  }

  get #all(): Iterable<Dispatcher> {
    return this.#bySite.values();
  }
}
