import { Gateway } from './gateway/gateway.ts';
import type { Log } from './log/log.ts';
import { CommandedGateway } from './master/commanded-gateway.ts';
import type { GatewayCommand, GatewayPlan } from './plan/gateway-plan.ts';

/** A gateway in this very process: without a master there is only one Node process. */
export class LocalGateway extends CommandedGateway {
  readonly pid = process.pid;
  readonly #gateway: Gateway;

  constructor(plan: GatewayPlan, log: Log) {
    super();
    this.#gateway = new Gateway(
      plan,
      (report) => this.reports.hear(report),
      (line) => log.line(line),
    );
    this.#gateway.start();
  }

  probe(): Promise<void> {
    // Whoever asks is this very process.
    return Promise.resolve();
  }

  reopenLog(): void {
    // Its lines go through the master's own log.
  }

  protected send(command: GatewayCommand, handle?: object): boolean {
    this.#gateway.handle(command, handle);
    return true;
  }
}
