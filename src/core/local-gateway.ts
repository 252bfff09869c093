import type { Gateway } from './gateway/gateway.ts';
import type { Log } from './log/log.ts';
import { CommandedGateway } from './master/commanded-gateway.ts';
import { failed, type GatewayCommand, type GatewayPlan } from './plan/gateway-plan.ts';

/**
 * A gateway in this very process: without a master there is only one Node process. Its code is loaded while Python starts, and what it is
 * told until then waits.
 */
export class LocalGateway extends CommandedGateway {
  readonly pid = process.pid;
  readonly #gateway: Promise<Gateway | undefined>;

  constructor(plan: GatewayPlan, log: Log) {
    super();
    this.#gateway = this.#start(plan, log);
  }

  probe(): Promise<void> {
    // Whoever asks is this very process.
    return Promise.resolve();
  }

  reopenLog(): void {
    // Its lines go through the master's own log.
  }

  protected send(command: GatewayCommand, handle?: object): boolean {
    void this.#gateway.then((gateway) => {
      if (gateway !== undefined) gateway.handle(command, handle);
      else if (command.type === 'stop') this.reports.hear({ type: 'stopped' });
    });
    return true;
  }

  /** None where it cannot be made, of which whoever waits for it is told. */
  async #start(plan: GatewayPlan, log: Log): Promise<Gateway | undefined> {
    try {
      const { Gateway } = await import('./gateway/gateway.ts');
      const gateway = new Gateway(
        plan,
        (report) => this.reports.hear(report),
        (line) => log.line(line),
      );
      gateway.start();
      return gateway;
    } catch (error) {
      this.reports.hear(failed(error));
      return undefined;
    }
  }
}
