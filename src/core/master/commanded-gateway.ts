import type {
  GatewayCommand,
  GatewayFigures,
  GatewayListener,
  GatewaySettings,
  Holdup,
  Loan,
  QueueState,
  Refusal,
  SeatHolder,
  Shortage,
} from '../plan/gateway-plan.ts';
import type { NamedApplication } from '../plan/named-application.ts';
import type { Credentials } from '../plan/tls.ts';
import type { GatewayProcessState, SingleGateway } from './gateway-link.ts';
import { GatewayReports } from './gateway-reports.ts';

/** A gateway that is told by commands, however they reach it, and answers with reports. */
export abstract class CommandedGateway implements SingleGateway {
  protected readonly reports = new GatewayReports();

  abstract get pid(): number | undefined;

  abstract probe(): Promise<void>;

  abstract reopenLog(path: string): void;

  /** Whether it was there to be told. */
  protected abstract send(command: GatewayCommand, handle?: object): boolean;

  get ready(): Promise<void> {
    return this.reports.ready;
  }

  set onWanted(hear: (application: NamedApplication) => void) {
    this.reports.onWanted = hear;
  }

  set onKnock(hear: (site: string) => void) {
    this.reports.onKnock = hear;
  }

  set onShort(hear: (shortage: Shortage) => void) {
    this.reports.onShort = hear;
  }

  set onHeldUp(hear: (holdup: Holdup) => void) {
    this.reports.onHeldUp = hear;
  }

  get processes(): readonly GatewayProcessState[] {
    return [{ pid: this.pid, connections: this.figures.connections }];
  }

  get figures(): GatewayFigures {
    return this.reports.figures;
  }

  queue(site?: string): QueueState {
    return this.reports.queue(site);
  }

  retire(holder: SeatHolder): void {
    this.send({ type: 'retire', ...holder });
  }

  follow(settings: GatewaySettings): void {
    this.send({ type: 'settings', settings });
  }

  async open(listener: GatewayListener, handle: object | undefined): Promise<void> {
    // One that is being started listens on it with all the others.
    if (this.send({ type: 'open', listener }, handle)) await this.reports.opened(listener.name);
  }

  close(name: string): void {
    this.send({ type: 'close', name });
  }

  renew(name: string, tls: Credentials): void {
    this.send({ type: 'renew', name, tls });
  }

  pause(): void {
    this.send({ type: 'pause' });
  }

  resume(): void {
    this.send({ type: 'resume' });
  }

  watch(site: string): void {
    this.reports.watched.add(site);
    this.send({ type: 'watch', site });
  }

  refuse(refusal: Refusal): void {
    this.send({ type: 'refuse', ...refusal });
  }

  forget(site: string): void {
    this.send({ type: 'forget', site });
  }

  lend(loan: Loan): void {
    this.send({ type: 'lend', ...loan });
  }

  async stop(how: 'gracefully' | 'now'): Promise<void> {
    if (this.send({ type: 'stop', how })) await this.reports.stopped;
  }
}
