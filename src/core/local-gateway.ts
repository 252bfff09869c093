import { Gateway } from './gateway/gateway.ts';
import type { Log } from './log/log.ts';
import type { GatewayLink } from './master/gateway-link.ts';
import { GatewayReports } from './master/gateway-reports.ts';
import type { GatewayListener, GatewayPlan, GatewaySettings, QueueState, Refusal, SeatHolder } from './plan/gateway-plan.ts';
import type { NamedApplication } from './plan/named-application.ts';
import type { Credentials } from './plan/tls.ts';

/** A gateway in this very process: without a master there is only one Node process. */
export class LocalGateway implements GatewayLink {
  readonly pid = process.pid;
  readonly #gateway: Gateway;
  readonly #reports = new GatewayReports();

  constructor(plan: GatewayPlan, log: Log) {
    this.#gateway = new Gateway(
      plan,
      (report) => this.#reports.hear(report),
      (line) => log.line(line),
    );
    this.#gateway.start();
  }

  get ready(): Promise<void> {
    return this.#reports.ready;
  }

  queue(site?: string): QueueState {
    return this.#reports.queue(site);
  }

  retire(holder: SeatHolder): void {
    this.#gateway.handle({ type: 'retire', ...holder });
  }

  follow(settings: GatewaySettings): void {
    this.#gateway.handle({ type: 'settings', settings });
  }

  open(listener: GatewayListener, handle: object | undefined): Promise<void> {
    this.#gateway.handle({ type: 'open', listener }, handle);
    return this.#reports.opened(listener.name);
  }

  close(name: string): void {
    this.#gateway.handle({ type: 'close', name });
  }

  renew(name: string, tls: Credentials): void {
    this.#gateway.handle({ type: 'renew', name, tls });
  }

  pause(): void {
    this.#gateway.handle({ type: 'pause' });
  }

  resume(): void {
    this.#gateway.handle({ type: 'resume' });
  }

  probe(): Promise<void> {
    // Whoever asks is this very process.
    return Promise.resolve();
  }

  set onWanted(hear: (application: NamedApplication) => void) {
    this.#reports.onWanted = hear;
  }

  set onKnock(hear: (site: string) => void) {
    this.#reports.onKnock = hear;
  }

  watch(site: string): void {
    this.#gateway.handle({ type: 'watch', site });
  }

  refuse(refusal: Refusal): void {
    this.#gateway.handle({ type: 'refuse', ...refusal });
  }

  forget(site: string): void {
    this.#gateway.handle({ type: 'forget', site });
  }

  reopenLog(): void {
    // Its lines go through the master's own log.
  }

  async stop(how: 'gracefully' | 'now'): Promise<void> {
    this.#gateway.handle({ type: 'stop', how });
    await this.#reports.stopped;
  }
}
