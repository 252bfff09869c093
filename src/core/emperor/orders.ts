import type { Log } from '../log/log.ts';
import type { Action } from '../master/actions.ts';
import type { Order } from '../wire/operator.ts';
import type { Emperor } from './emperor.ts';
import type { EmperorStats } from './statistics.ts';

export interface OrderPorts {
  readonly emperor: Pick<Emperor, 'vassals' | 'reloadAll'>;
  /** Settled when all is ended. */
  stop(how: 'gracefully' | 'now', because: string): Promise<void>;
  statistics(): EmperorStats;
  readonly log: Log;
}

/** Carries out what operators ask an emperor for, by signals and by commands. */
export class Orders {
  readonly #ports: OrderPorts;

  constructor(ports: OrderPorts) {
    this.#ports = ports;
  }

  /**
   * Does what a command asks for, and gives it the answer.
   *
   * @returns a sentence that says what was done
   * @throws Error that says why it was not
   */
  async obey(order: Order, because: string, answer: (text: string) => void): Promise<string> {
    if (order.type === 'stats') {
      answer(formatStatistics(this.#ports.statistics()));
      return 'these are the statistics';
    }
    if (order.type === 'scale' || order.type === 'stacks' || order.type === 'recent') throw this.#forVassals(order.type);
    return this.#carryOut(order.type, because);
  }

  /** The same for what needs no answer. What goes wrong is in the log. */
  perform(action: Action, because: string): void {
    this.#carryOut(action, because).catch((error: unknown) => this.#ports.log.event(`[emperor] ${because}: ${(error as Error).message}`));
  }

  async #carryOut(action: Action, because: string): Promise<string> {
    const { emperor, log } = this.#ports;
    switch (action) {
      case 'reload':
        log.event(`[emperor] ${because}: reloading all vassals`);
        emperor.reloadAll();
        return `${counted(emperor.vassals.length)} told to reload; the log says what comes of it`;
      case 'stop-gracefully':
      case 'stop-now':
        await this.#ports.stop(action === 'stop-now' ? 'now' : 'gracefully', because);
        return 'stopped';
      case 'log-stats':
        log.event(`[emperor] ${counted(emperor.vassals.length)}`);
        for (const { file, pid, state, respawns } of emperor.vassals) {
          log.event(`[emperor]   ${file.id}: ${state}${pid === 0 ? '' : ` (pid ${pid})`}, started again ${respawns} times`);
        }
        return 'the vassals are in the log';
      default:
        throw this.#forVassals(action);
    }
  }

  #forVassals(order: string): Error {
    const pids = this.#ports.emperor.vassals.filter(({ pid }) => pid > 0).map(({ pid, file }) => `${pid} (${file.id})`);
    return new Error(`"${order}" is an order for a vassal, not for the emperor; give it to one of ${pids.join(', ') || 'them'}`);
  }
}

export function formatStatistics(statistics: EmperorStats): string {
  return `${JSON.stringify(statistics, undefined, '\t')}\n`;
}

export function counted(vassals: number): string {
  return `${vassals} ${vassals === 1 ? 'vassal' : 'vassals'}`;
}
