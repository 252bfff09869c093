import { isDeepStrictEqual } from 'node:util';
import { bind, handOver, release } from '../listen/bind.ts';
import type { BoundSocket } from '../listen/bound-socket.ts';
import type { Log } from '../log/log.ts';
import { isPublic } from '../options/address.ts';
import type { Plan } from '../plan/plan.ts';
import type { Access } from '../stats/access.ts';
import type { StatsDocument } from '../stats/document.ts';
import { HistoryKeeper } from '../stats/history.ts';
import { StatsHttpServer } from '../stats/http-server.ts';
import { StatsServer } from '../stats/server.ts';
import { after } from '../util/timer.ts';
import { announceStatistics } from './announce.ts';
import type { PreparedChange } from './prepared-change.ts';
import { removeFile } from './sockets.ts';
import { documentPage, statsPages, type StatsSources } from './stats-pages.ts';

type StatsPlan = Pick<Plan, 'statsAddress' | 'statsProtocol' | 'statsToken' | 'process'>;

/** Of the server; the history is kept here. */
export interface StatsDoorPorts extends Omit<StatsSources, 'history'> {
  readonly statistics: () => StatsDocument;
}

/** Where the statistics are told, raw or over HTTP. */
export class StatsDoor {
  readonly #sources: StatsSources;
  readonly #log: Log;
  #plan: StatsPlan;
  #bound: BoundSocket | undefined;
  readonly #history: HistoryKeeper;
  #server: StatsServer | StatsHttpServer | undefined;

  /** @param bound the socket of the plan's address */
  constructor(plan: StatsPlan, bound: BoundSocket | undefined, { ports, log }: { ports: StatsDoorPorts; log: Log }) {
    this.#plan = plan;
    this.#bound = bound;
    this.#history = new HistoryKeeper({ statistics: ports.statistics, now: () => Date.now() / 1000, after });
    this.#sources = { ...ports, history: () => this.#history.history };
    this.#log = log;
  }

  get bound(): BoundSocket | undefined {
    return this.#bound;
  }

  open(): void {
    if (this.#bound === undefined) return;
    const socket = handOver(this.#bound);
    this.#server = this.#plan.statsProtocol === 'http' ? this.#openHttp(socket) : new StatsServer(socket, () => this.#sources.document());
  }

  #openHttp(socket: object): StatsHttpServer {
    const access = (): Access => accessTo(this.#plan);
    this.#history.start();
    const document = documentPage(this.#sources, access);
    return new StatsHttpServer(socket, statsPages(this.#sources, document, access), document);
  }

  close(): void {
    this.#history.stop();
    this.#server?.close();
    this.#server = undefined;
  }

  /**
   * Takes the address of another plan.
   *
   * @throws BindError when it cannot be had; then nothing has changed
   */
  async prepare(plan: StatsPlan): Promise<PreparedChange> {
    const { statsAddress, statsProtocol } = this.#plan;
    if (!isDeepStrictEqual(plan.statsAddress, statsAddress)) return this.#prepareMove(plan);
    const isSame = plan.statsProtocol === statsProtocol;
    return { commit: () => (isSame ? this.#follow(plan) : this.#speak(plan)), undo: () => Promise.resolve() };
  }

  /** The same address and protocol; another token is in force with the next request. */
  #follow(plan: StatsPlan): Promise<void> {
    this.#plan = plan;
    return Promise.resolve();
  }

  async #prepareMove(plan: StatsPlan): Promise<PreparedChange> {
    const bound = plan.statsAddress === undefined ? undefined : await bind(plan.statsAddress);
    return {
      commit: () => {
        this.#move(plan, bound);
        return Promise.resolve();
      },
      undo: () => {
        if (bound !== undefined) release(bound);
        return Promise.resolve();
      },
    };
  }

  #move(plan: StatsPlan, bound: BoundSocket | undefined): void {
    this.close();
    if (this.#bound !== undefined && plan.process.vacuum) removeFile(this.#bound);
    this.#plan = plan;
    this.#bound = bound;
    this.open();
    announceStatistics(this.#log, bound, accessTo(plan));
  }

  /** Another protocol at the same address, which cannot be taken a second time before it is free. */
  async #speak(plan: StatsPlan): Promise<void> {
    this.close();
    try {
      this.#move(plan, plan.statsAddress && (await bind(plan.statsAddress)));
    } catch (error) {
      this.#log.event(`there are no statistics any more: ${(error as Error).message}`);
    }
  }
}

/** Who may read what is told there. */
export function accessTo({ statsAddress, statsToken }: Pick<Plan, 'statsAddress' | 'statsToken'>): Access {
  return { token: statsToken, isPublic: statsAddress !== undefined && isPublic(statsAddress) };
}
