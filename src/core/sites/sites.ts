import { availableParallelism } from 'node:os';
import { StoppingError } from '../errors/operate.ts';
import { ApplicationError, NoRoomError } from '../errors/workers.ts';
import type { Holdup } from '../plan/gateway-plan.ts';
import type { NamedApplication } from '../plan/named-application.ts';
import type { Plan } from '../plan/plan.ts';
import type { SitePlan } from '../plan/sites.ts';
import type { RestartReason } from '../stats/restarts.ts';
import { settleAtMost } from '../util/at-most.ts';
import type { ControlChannel, Hello } from '../wire/control.ts';
import { type PoolChange, SEATS_PER_WORKER } from '../workers/pool.ts';
import type { Seats } from '../workers/seats.ts';
import type { Worker } from '../workers/worker.ts';
import { WorkerIds } from '../workers/worker-ids.ts';
import { NamedSites } from './named-sites.ts';
import { Site, type SitePorts } from './site.ts';

/** What the sites of a server are given. */
export interface SitesPorts extends Omit<SitePorts, 'idOf' | 'isAlone' | 'numberGeneration'> {
  readonly seats: Seats;
  /** Without a master the last worker of all sites is gone, and it ended with this status. */
  deserted(status: number): void;
}

/** A change of all sites that is prepared, until one of the two is called. */
export interface SitesChange {
  /** Settled when they serve. What it gives lets go those that are not in the plan any more: for when no request is sent to them. */
  commit(): Promise<() => void>;
  readonly undo: () => void;
}

/** All applications of a server, each with its workers; to operators they are one. */
export class Sites {
  readonly #ports: SitesPorts;
  readonly #ids = new WorkerIds();
  /** Those of the configuration. */
  #configured: readonly Site[] = [];
  readonly #named: NamedSites;
  /** Those that a reload brings in, until it is clear whether they serve. */
  #coming: readonly Site[] = [];
  /** Those that a reload has taken out of the configuration, until their last workers are gone. */
  readonly #leaving = new Set<Site>();
  #generations = 0;

  constructor(ports: SitesPorts) {
    this.#ports = ports;
    const { plan, gateway, log } = ports;
    this.#named = new NamedSites({
      plan,
      make: (site) => this.#make(site),
      dismiss: (site) => void this.#dismiss(site),
      gateway,
      log,
    });
  }

  /** One for each application, or for those that share an interpreter. */
  get all(): readonly Site[] {
    return this.#sites;
  }

  get workers(): readonly Worker[] {
    return this.#everyone.flatMap(({ pool }) => pool.workers);
  }

  /** uWSGI's worker ids, whether somebody holds them or not, and whose they are. */
  get ids(): readonly { readonly id: number; readonly site: Site }[] {
    const places = this.#sites.flatMap((site) =>
      Array.from({ length: site.size }, (_, index) => ({ id: this.#ids.of(site.name, index + 1), site })),
    );
    return places.sort((one, other) => one.id - other.id);
  }

  /** Where the application of this worker id is mounted. */
  mountpointOf(id: number): string {
    return this.ids.find((place) => place.id === id)?.site.applications[0]?.mountpoint ?? '';
  }

  /** How many workers an application is to have; the most, where that is not the same for all. */
  get wanted(): number {
    return Math.max(0, ...this.#sites.map(({ pool }) => pool.wanted));
  }

  /** No application has a worker. */
  get isAsleep(): boolean {
    return this.#sites.every(({ sleep }) => sleep.isAsleep);
  }

  /** What a reload has led to, for a sentence that begins with "reloaded". */
  get successor(): string {
    if (this.isAsleep) return 'asleep, the next request starts the new code';
    return `${this.workersWanted} new workers serve`;
  }

  /** Workers that are to be there now. */
  get workersWanted(): number {
    return this.#sites.reduce((sum, { pool, sleep }) => sum + (sleep.isAsleep ? 0 : pool.wanted), 0);
  }

  /**
   * Brings all of them up for the first time.
   *
   * @param doors settled when the gateway is up: they prepare themselves meanwhile, and do not serve before
   * @throws ApplicationError when none can be loaded, or a process of one does not come up
   */
  async open(doors: Promise<void>): Promise<void> {
    const plan = this.#ports.plan();
    this.#checkRoom(plan);
    this.#configured = plan.sites.map((site) => this.#make(site));
    const results = await settleAtMost(availableParallelism(), this.#configured, (site) => site.open(doors));
    throwFirst(results);
    if (plan.application.needApp && this.#configured.length > 0 && !this.#configured.some(({ isSound }) => isSound)) {
      throw new ApplicationError('none of the applications could be loaded');
    }
  }

  /** Goes by the plan of the server in what is looked at by the clock. */
  follow(): void {
    for (const site of this.#sites) site.follow();
  }

  /**
   * The sites of the plan that is coming, beside those that are there: all of them serve new code, or none. Those that sleep have nothing to
   * import and come last: one that is asked for may wake up meanwhile, however long the others take.
   *
   * @param before the plan that was in force until now
   * @throws as `Pool.prepare`; then nothing has changed
   */
  async prepare(before: Plan, how: 'together' | 'in-chain'): Promise<SitesChange> {
    const plan = this.#ports.plan();
    this.#checkRoom(plan);
    const known = this.#configured;
    const coming = plan.sites.map((site) => ({ plan: site, site: known.find(({ name }) => name === site.name) ?? this.#make(site) }));
    const added = coming.map(({ site }) => site).filter((site) => !known.includes(site));
    this.#coming = added;
    const prepare = (chosen: readonly { readonly plan: SitePlan; readonly site: Site }[]) =>
      settleAtMost(availableParallelism(), chosen, (each) => each.site.prepare(each.plan, before, how));
    const [sleeping, awake] = divide(coming, ({ site }) => site.sleep.isAsleep);
    const changes = await prepare(awake);
    if (changes.every(({ status }) => status === 'fulfilled')) changes.push(...(await prepare(sleeping)));
    const undo = (): void => {
      this.#coming = [];
      for (const change of changes) if (change.status === 'fulfilled') change.value.undo();
      for (const site of added) void this.#dismiss(site);
    };
    if (changes.some(({ status }) => status === 'rejected')) undo();
    throwFirst(changes);
    return { commit: () => this.#commit(before, coming, changes), undo };
  }

  async #commit(
    planBefore: Plan,
    coming: readonly { readonly site: Site }[],
    changes: readonly PromiseSettledResult<PoolChange>[],
  ): Promise<() => void> {
    const before = this.#configured;
    this.#configured = coming.map(({ site }) => site);
    this.#coming = [];
    const gone = before.filter((site) => !this.#configured.includes(site));
    for (const site of gone) this.#leaving.add(site);
    await Promise.all(changes.flatMap((change) => (change.status === 'fulfilled' ? [change.value.commit()] : [])));
    // Each on its own: one that fails is no reason for the others to keep their old code.
    void this.#named.reload(planBefore);
    return () => {
      for (const site of gone) void this.#dismiss(site);
    };
  }

  /** A worker's or a spawner's process connected. */
  welcome(hello: Hello, channel: ControlChannel): void {
    const pool = this.#poolOf(hello);
    if (pool === undefined) channel.close();
    else pool.welcome(hello, channel);
  }

  /** A request that waits in the gateway names an application. */
  want(application: NamedApplication): void {
    this.#named.want(application);
  }

  /** A request for a site without workers waits in the gateway. */
  knocked(name: string): void {
    this.#sites.find((site) => site.name === name)?.sleep.knocked();
  }

  /** The server ends: whoever waits for a worker waits in vain. */
  turnAway(): void {
    for (const { sleep } of this.#sites) sleep.knocked();
  }

  /** Changes how many workers each application is to have. @returns how many that is now, at most */
  scale(wanted: number): number {
    return this.#scale(() => wanted);
  }

  /** The same by so many more than it has, or fewer. */
  scaleBy(change: number): number {
    return this.#scale(({ pool }) => pool.wanted + change);
  }

  /** None takes the seats of the others. */
  #scale(wantedOf: (site: Site) => number): number {
    const { processes, threads } = this.#ports.plan().workers;
    const share = Math.floor(this.#ports.seats.roomFor(threads) / SEATS_PER_WORKER / Math.max(1, this.#sites.length));
    const most = Math.max(processes, share);
    return Math.max(0, ...this.#sites.map((site) => site.pool.scale(Math.min(wantedOf(site), most))));
  }

  /** Sends all workers away. @returns false when there are none already */
  async fallAsleep(): Promise<boolean> {
    const results = await Promise.all(this.#sites.map(({ sleep }) => sleep.fallAsleep()));
    return results.includes(true);
  }

  /** Settled when each application has a worker that serves. */
  async wake(because: string): Promise<void> {
    throwFirst(await settleAtMost(availableParallelism(), this.#sites, ({ sleep }) => sleep.wake(because)));
  }

  pause(): void {
    for (const { pool } of this.#everyone) pool.pause();
  }

  resume(): void {
    for (const { pool } of this.#everyone) pool.resume();
  }

  reopenLog(path: string): void {
    for (const { pool } of this.#everyone) pool.reopenLog(path);
  }

  /** Requests wait in a slot behind one that takes long: another could have them. */
  handBack({ seat, core }: Holdup): void {
    this.workers.find((worker) => worker.seat === seat)?.channel?.send({ type: 'hand-back', core });
  }

  condemn(worker: Worker): void {
    this.#poolOf(worker)?.condemn(worker);
  }

  putDown(worker: Worker): void {
    this.#poolOf(worker)?.putDown(worker);
  }

  replace(worker: Worker, reason: RestartReason, because: string): void {
    this.#poolOf(worker)?.replace(worker, reason, because);
  }

  kill(worker: Worker, reason: string): void {
    this.#poolOf(worker)?.kill(worker, reason);
  }

  /** Ends every worker. Settled when all are gone. */
  async stop(how: 'gracefully' | 'now'): Promise<void> {
    await Promise.all(this.#everyone.map((site) => site.stop(how, new StoppingError().message)));
  }

  /** The gateway has stopped for good: slots that wait for it need not. */
  gatewayStopped(): void {
    for (const { pool } of this.#everyone) pool.gatewayStopped();
  }

  get #sites(): readonly Site[] {
    return [...this.#configured, ...this.#named.all];
  }

  get #everyone(): readonly Site[] {
    return [...this.#sites, ...this.#coming, ...this.#leaving];
  }

  #poolOf({ generation }: Pick<Worker, 'generation'>): Site['pool'] | undefined {
    return this.#everyone.find(({ pool }) => pool.has(generation))?.pool;
  }

  #make(plan: SitePlan): Site {
    const site = new Site(plan, {
      ...this.#ports,
      idOf: (name, rank) => this.#ids.of(name, rank),
      isAlone: () => this.#ports.plan().sites.length === 1,
      numberGeneration: () => ++this.#generations,
    });
    site.pool.onDeserted = (status) => this.#desert(site, status);
    return site;
  }

  /** Without a master the last worker of a site is gone. */
  #desert(site: Site, status: number): void {
    if (this.workers.length > 0) site.desert();
    else this.#ports.deserted(status);
  }

  /** It is in no plan any more. */
  async #dismiss(site: Site): Promise<void> {
    this.#leaving.add(site);
    const because = 'its application is not served any more';
    await site.stop('gracefully', because);
    this.#leaving.delete(site);
    // A reload has brought it back meanwhile: those who wait and the ids are its successor's.
    if (this.#everyone.some(({ name }) => name === site.name)) return;
    this.#ids.free(site.name);
    this.#ports.gateway()?.refuse({ site: site.name, status: 503, reason: because });
  }

  #checkRoom({ workers: { processes, threads }, sites }: Plan): void {
    const wanted = processes * sites.length;
    if (this.#ports.seats.roomFor(threads) < SEATS_PER_WORKER * wanted) throw new NoRoomError(wanted, threads);
  }
}

/** Those for which it holds, and the others. */
function divide<Item>(items: readonly Item[], holds: (item: Item) => boolean): readonly [readonly Item[], readonly Item[]] {
  return [items.filter(holds), items.filter((item) => !holds(item))];
}

function throwFirst(results: readonly PromiseSettledResult<unknown>[]): void {
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
