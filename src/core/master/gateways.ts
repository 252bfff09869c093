import type {
  GatewayFigures,
  GatewayListener,
  GatewayPlan,
  GatewaySettings,
  Holdup,
  QueueState,
  Refusal,
  SeatHolder,
  Shortage,
} from '../plan/gateway-plan.ts';
import type { NamedApplication } from '../plan/named-application.ts';
import type { Credentials } from '../plan/tls.ts';
import { addFigures, NO_FIGURES } from './gateway-figures.ts';
import type { GatewayLink, GatewayProcessState, SingleGateway } from './gateway-link.ts';

/**
 * Several gateways as one: all of them accept on the same sockets, and each has slots of its own. What waits in one while another has a slot
 * to spare gets that slot, so that it does not matter for long who accepted whom.
 */
export class Gateways implements GatewayLink {
  readonly #all: readonly SingleGateway[];
  readonly ready: Promise<void>;
  /** Who is asked next for a slot. */
  #lender = 0;

  constructor(gateways: readonly SingleGateway[]) {
    this.#all = gateways;
    this.ready = Promise.all(gateways.map(({ ready }) => ready)).then(() => undefined);
    for (const [index, gateway] of gateways.entries()) gateway.onShort = (shortage) => this.#provide(index, shortage);
  }

  get processes(): readonly GatewayProcessState[] {
    return this.#all.flatMap(({ processes }) => processes);
  }

  get figures(): GatewayFigures {
    return this.#all.reduce((sum, { figures }) => addFigures(sum, figures), NO_FIGURES);
  }

  set onKnock(hear: (site: string) => void) {
    for (const gateway of this.#all) gateway.onKnock = hear;
  }

  set onWanted(hear: (application: NamedApplication) => void) {
    for (const gateway of this.#all) gateway.onWanted = hear;
  }

  set onHeldUp(hear: (holdup: Holdup) => void) {
    for (const gateway of this.#all) gateway.onHeldUp = hear;
  }

  queue(site?: string): QueueState {
    const queues = this.#all.map((gateway) => gateway.queue(site));
    return {
      length: queues.reduce((sum, { length }) => sum + length, 0),
      ageMs: Math.max(...queues.map(({ ageMs }) => ageMs)),
    };
  }

  follow(settings: GatewaySettings): void {
    for (const gateway of this.#all) gateway.follow({ ...settings, ...shareOf(settings, this.#all.length) });
  }

  async open(listener: GatewayListener, handle: object | undefined): Promise<void> {
    await Promise.all(this.#all.map((gateway) => gateway.open(listener, handle)));
  }

  close(name: string): void {
    for (const gateway of this.#all) gateway.close(name);
  }

  renew(name: string, tls: Credentials): void {
    for (const gateway of this.#all) gateway.renew(name, tls);
  }

  /** To all of them: slots change from one to another. */
  retire(holder: SeatHolder): void {
    for (const gateway of this.#all) gateway.retire(holder);
  }

  pause(): void {
    for (const gateway of this.#all) gateway.pause();
  }

  resume(): void {
    for (const gateway of this.#all) gateway.resume();
  }

  async probe(): Promise<void> {
    await Promise.all(this.#all.map((gateway) => gateway.probe()));
  }

  watch(site: string): void {
    for (const gateway of this.#all) gateway.watch(site);
  }

  refuse(refusal: Refusal): void {
    for (const gateway of this.#all) gateway.refuse(refusal);
  }

  forget(site: string): void {
    for (const gateway of this.#all) gateway.forget(site);
  }

  reopenLog(path: string): void {
    for (const gateway of this.#all) gateway.reopenLog(path);
  }

  async stop(how: 'gracefully' | 'now'): Promise<void> {
    await Promise.all(this.#all.map((gateway) => gateway.stop(how)));
  }

  /** One of the others is asked each time: only it knows whether it has a slot to spare now. */
  #provide(needy: number, { site, isBare }: Shortage): void {
    this.#lender = (this.#lender + 1) % this.#all.length;
    if (this.#lender === needy) this.#lender = (this.#lender + 1) % this.#all.length;
    this.#all[this.#lender]?.lend({ site, to: needy + 1, isUrgent: isBare });
  }
}

/** What each of so many gateways may take, so that together they take what one of them might. */
export function shareOf(
  { queueLimit, maxConnections, responsesKept }: Pick<GatewayPlan, 'queueLimit' | 'maxConnections' | 'responsesKept'>,
  gateways: number,
): Pick<GatewayPlan, 'queueLimit' | 'maxConnections' | 'responsesKept'> {
  const share = (whole: number): number => Math.ceil(whole / gateways);
  return { queueLimit: share(queueLimit), maxConnections: share(maxConnections), responsesKept: share(responsesKept) };
}
