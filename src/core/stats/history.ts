import type { After, Timer } from '../util/timer.ts';
import type { StatsDocument } from './document.ts';
import { type History, type Moment, momentOf } from './moment.ts';

const EVERY_MS = 5000;
/** Ten minutes: what the charts of the dashboard show. */
const KEPT = 120;

export interface HistoryPorts {
  readonly statistics: () => StatsDocument;
  /** Seconds since the epoch. */
  readonly now: () => number;
  readonly after: After;
}

/** Keeps a moment every few seconds, so that who opens the dashboard sees what was before. */
export class HistoryKeeper {
  readonly #ports: HistoryPorts;
  #moments: readonly Moment[] = [];
  #timer: Timer | undefined;

  constructor(ports: HistoryPorts) {
    this.#ports = ports;
  }

  get history(): History {
    return { now: this.#ports.now(), moments: this.#moments };
  }

  /** What was kept before it was stopped stays. */
  start(): void {
    this.#timer = this.#ports.after(EVERY_MS, () => {
      this.#keep();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #keep(): void {
    const { statistics, now } = this.#ports;
    this.#moments = [...this.#moments, momentOf(statistics(), now())].slice(-KEPT);
  }
}
